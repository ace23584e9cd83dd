/** The package of the types that all kinds share, as typeName has it. */
export const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
export const objectMetaType = `${meta}.ObjectMeta`
