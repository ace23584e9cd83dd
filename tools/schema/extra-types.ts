/** Types that client-node has no models of, as lines of the schema. */
export const extraTypes: Readonly<Record<string, string>> = {
  'meta.v1.CreateOptions': 'apiVersion:string dryRun:[]string fieldManager:string fieldValidation:string kind:string',
  'meta.v1.PartialObjectMetadata': 'apiVersion:string kind:string +metadata:ObjectMeta',
  'meta.v1.PartialObjectMetadataList':
    'apiVersion:string +items!:[]PartialObjectMetadata kind:string +metadata:ListMeta',
  'meta.v1.PatchOptions':
    'apiVersion:string dryRun:[]string fieldManager:string fieldValidation:string *force:boolean kind:string',
  'meta.v1.UpdateOptions': 'apiVersion:string dryRun:[]string fieldManager:string fieldValidation:string kind:string',
}
