/** What happens while an image is built, for those who wait and watch. Steps are numbered as they begin. */
export type BuildProgress = Readonly<
  | { type: 'step'; step: number; name: string }
  /** As it comes: not always whole lines. */
  | { type: 'output'; step: number; text: string }
  | { type: 'done'; step: number; isCached: boolean; tookMs: number }
  | { type: 'failed'; step: number; message: string }
>

export type OnBuildProgress = (progress: BuildProgress) => void
