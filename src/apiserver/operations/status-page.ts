import { kubernetesVersion, versionInfo } from '../../api/kubernetes-version.ts'

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'
const paths = ['/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version']

/** /statusz: for people who want to know what runs, and since when. */
export function statusPage(startedMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - startedMs) / 1000)
  const up = `${Math.floor(seconds / 3600)} hr ${pad(Math.floor(seconds / 60) % 60)} min ${pad(seconds % 60)} sec`
  return `
apiserver statusz
${warning}

Started: ${unixDate(startedMs)}
Up: ${up}
Binary version: ${kubernetesVersion.slice(1)}
Emulation version: ${versionInfo.emulationMajor}.${versionInfo.emulationMinor}
Paths: ${paths.join(' ')}
`
}

function pad(count: number): string {
  return String(count).padStart(2, '0')
}

/** As date(1) writes it: 'Sat Nov 28 14:43:13 UTC 2026'. */
function unixDate(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().split(' ')
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} UTC ${year}`
}
