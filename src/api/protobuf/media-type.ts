/** The media types and meta types of protobuf, as requests and answers name them. */

import type { BodyType } from '../decode.ts'
import { meta } from '../meta-types.ts'

/** Of bodies, both ways. */
export const protobufType = 'application/vnd.kubernetes.protobuf'
/** Of watches, also when the plain type was asked for. */
export const protobufWatchType = `${protobufType};stream=watch`

/** Asked for with an @, and answered with a dot in its place, as kube-openapi does. */
export const openApiV2Asked = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
export const openApiV2Answered = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

export const statusType: BodyType = { group: '', version: 'v1', kind: 'Status', typeName: `${meta}.Status` }
export const partialMetadataType: BodyType = {
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'PartialObjectMetadata',
  typeName: `${meta}.PartialObjectMetadata`,
}
