/** What happens to the layers of an image that is pulled or pushed, for those who wait and watch. */
export type TransferProgress = Readonly<
  | { type: 'layer'; digest: string; totalBytes: number }
  /** How much there is by now; one may be missed. */
  | { type: 'bytes'; digest: string; soFarBytes: number }
  /** Nothing had to be sent. */
  | { type: 'present'; digest: string }
  | { type: 'unpacking' | 'done'; digest: string }
>

export type OnProgress = (progress: TransferProgress) => void
