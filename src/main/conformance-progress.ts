export type Progress = Readonly<{ total: number; done: number; failed: number; failedName: string | undefined }>

/**
 * Reads the suite's output as it grows; answers with what is new after each piece. Ginkgo writes a bullet for each spec that ran, and for
 * one that failed a heading with its name below.
 */
export function progressReader(): (text: string) => readonly Progress[] {
  let unread = ''
  let counts = { total: 0, done: 0, failed: 0 }
  let nameFollows = false
  return (text) => {
    const before = counts.done
    counts = { ...counts, done: counts.done + text.split('•').length - 1 }
    const news: Progress[] = []
    const lines = (unread + text).split('\n')
    unread = lines.pop() ?? ''
    for (const line of lines) {
      const total = /^Will run (\d+) of \d+ specs/.exec(line)?.[1]
      if (total !== undefined) counts = { ...counts, total: Number(total) }
      if (nameFollows) news.push({ ...counts, failedName: line.replaceAll(/ \[sig-[a-z-]+(, [^\]]*)?\]$/g, '') })
      nameFollows = /• \[(FAILED|PANICKED|TIMEDOUT|INTERRUPTED|ABORTED)\]/.test(line)
      if (nameFollows) counts = { ...counts, failed: counts.failed + 1 }
    }
    return news.length === 0 && counts.done > before ? [{ ...counts, failedName: undefined }] : news
  }
}
