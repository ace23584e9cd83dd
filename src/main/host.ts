import type { ProcessFacts } from '../apiserver/operations/server-metrics.ts'
import type { Cgroups } from '../ports/cgroups.ts'
import type { Clock } from '../ports/clock.ts'
import type { Codec } from '../ports/codec.ts'
import type { Containers } from '../ports/containers.ts'
import type { Datagrams } from '../ports/datagrams.ts'
import type { Deflate } from '../ports/deflate.ts'
import type { Disk } from '../ports/disk.ts'
import type { Firewall } from '../ports/firewall.ts'
import type { Grpc } from '../ports/grpc.ts'
import type { Http } from '../ports/http.ts'
import type { Keys } from '../ports/keys.ts'
import type { Links } from '../ports/links.ts'
import type { Log } from '../ports/log.ts'
import type { Mounts } from '../ports/mounts.ts'
import type { Namespaces } from '../ports/namespaces.ts'
import type { Random } from '../ports/random.ts'
import type { StreamListener } from '../ports/stream-listener.ts'
import type { Streams } from '../ports/streams.ts'

/** What a control plane asks of the world. */
export type Host = Readonly<{
  clock: Clock
  random: Random
  log: Log
  disk: Disk
  http: Http
  keys: Keys
  /** Key management services; absent: nobody can be asked. */
  grpc?: Grpc
  processFacts?: () => ProcessFacts
}>

/** What a node asks of its machine besides. */
export type NodeHost = Host &
  Readonly<{
    grpc: Grpc
    streams: Streams
    streamListener: StreamListener
    datagrams: Datagrams
    codec: Codec
    deflate: Deflate
    namespaces: Namespaces
    mounts: Mounts
    cgroups: Cgroups
    links: Links
    firewall: Firewall
  }>

/** And what our own engine asks of it: where another runs the containers, nothing of this need be installed. */
export type EngineHost = NodeHost & Readonly<{ containers: Containers }>
