/**
 * The messages of OpenAPI v2 in protobuf (gnostic's openapi.v2; facts of its published definition). Fields by JSON name, in the order of their
 * numbers. Forms: string, boolean, int64, double; any, which is YAML; a message, or a choice of
 * messages; [] a list of these. `x-` stands for all keys that begin so, `*` for all other keys: each a message of key and value.
 */
const sources: Readonly<Record<string, string>> = {
  Document:
    'swagger:string info:Info host:string basePath:string schemes:[]string consumes:[]string produces:[]string paths:Paths definitions:Schemas parameters:Parameters responses:ResponsesByName security:[]SecurityRequirement securityDefinitions:SecurityDefinitions tags:[]Tag externalDocs:ExternalDocs x-:any',
  Info: 'title:string version:string description:string termsOfService:string contact:Contact license:License x-:any',
  Contact: 'name:string url:string email:string x-:any',
  License: 'name:string url:string x-:any',
  ExternalDocs: 'description:string url:string x-:any',
  Tag: 'name:string description:string externalDocs:ExternalDocs x-:any',
  Paths: 'x-:any *:PathItem',
  PathItem:
    '$ref:string get:Operation put:Operation post:Operation delete:Operation options:Operation head:Operation patch:Operation parameters:[]ParametersItem x-:any',
  Operation:
    'tags:[]string summary:string description:string externalDocs:ExternalDocs operationId:string produces:[]string consumes:[]string parameters:[]ParametersItem responses:Responses schemes:[]string deprecated:boolean security:[]SecurityRequirement x-:any',
  JsonReference: '$ref:string description:string',
  BodyParameter: 'description:string name:string in:string required:boolean schema:Schema x-:any',
  /** In a header or a path. */
  PlainParameter:
    'required:boolean in:string description:string name:string type:string format:string items:PrimitivesItems collectionFormat:string default:any maximum:double exclusiveMaximum:boolean minimum:double exclusiveMinimum:boolean maxLength:int64 minLength:int64 pattern:string maxItems:int64 minItems:int64 uniqueItems:boolean enum:[]any multipleOf:double x-:any',
  /** In a query or a form. */
  OptionalParameter:
    'required:boolean in:string description:string name:string allowEmptyValue:boolean type:string format:string items:PrimitivesItems collectionFormat:string default:any maximum:double exclusiveMaximum:boolean minimum:double exclusiveMinimum:boolean maxLength:int64 minLength:int64 pattern:string maxItems:int64 minItems:int64 uniqueItems:boolean enum:[]any multipleOf:double x-:any',
  PrimitivesItems:
    'type:string format:string items:PrimitivesItems collectionFormat:string default:any maximum:double exclusiveMaximum:boolean minimum:double exclusiveMinimum:boolean maxLength:int64 minLength:int64 pattern:string maxItems:int64 minItems:int64 uniqueItems:boolean enum:[]any multipleOf:double x-:any',
  Responses: '*:ResponseValue x-:any',
  Response: 'description:string schema:SchemaItem headers:Headers examples:Examples x-:any',
  Headers: '*:Header',
  Header:
    'type:string format:string items:PrimitivesItems collectionFormat:string default:any maximum:double exclusiveMaximum:boolean minimum:double exclusiveMinimum:boolean maxLength:int64 minLength:int64 pattern:string maxItems:int64 minItems:int64 uniqueItems:boolean enum:[]any multipleOf:double description:string x-:any',
  Examples: '*:any',
  Schema:
    '$ref:string format:string title:string description:string default:any multipleOf:double maximum:double exclusiveMaximum:boolean minimum:double exclusiveMinimum:boolean maxLength:int64 minLength:int64 pattern:string maxItems:int64 minItems:int64 uniqueItems:boolean maxProperties:int64 minProperties:int64 required:[]string enum:[]any additionalProperties:AdditionalProperties type:Strings items:Items allOf:[]Schema properties:Schemas discriminator:string readOnly:boolean xml:Xml externalDocs:ExternalDocs example:any x-:any',
  FileSchema:
    'format:string title:string description:string default:any required:[]string type:string readOnly:boolean externalDocs:ExternalDocs example:any x-:any',
  Xml: 'name:string namespace:string prefix:string attribute:boolean wrapped:boolean x-:any',
  Schemas: '*:Schema',
  Parameters: '*:Parameter',
  ResponsesByName: '*:Response',
  SecurityRequirement: '*:Strings',
  SecurityDefinitions: '*:SecurityDefinition',
  BasicSecurity: 'type:string description:string x-:any',
  ApiKeySecurity: 'type:string name:string in:string description:string x-:any',
  Scopes: '*:string',
  ImplicitSecurity: 'type:string flow:string scopes:Scopes authorizationUrl:string description:string x-:any',
  TokenSecurity: 'type:string flow:string scopes:Scopes tokenUrl:string description:string x-:any',
  AccessCodeSecurity:
    'type:string flow:string scopes:Scopes authorizationUrl:string tokenUrl:string description:string x-:any',
}

export type OpenApiField = Readonly<{ name: string; number: number; isList: boolean; form: string }>

function readFields(source: string): readonly OpenApiField[] {
  return source.split(' ').map((word, at) => {
    const colon = word.indexOf(':')
    const form = word.slice(colon + 1)
    const isList = form.startsWith('[]')
    return { name: word.slice(0, colon), number: at + 1, isList, form: isList ? form.slice(2) : form }
  })
}

/** By the message's name; fields by ascending number. */
export const openApiMessages: ReadonlyMap<string, readonly OpenApiField[]> = new Map(
  Object.entries(sources).map(([name, source]) => [name, readFields(source)]),
)

type JsonObject = Readonly<Record<string, unknown>>

/** Which message stands for a value, and the numbers of the fields on the way to it, from the outermost. */
export type Choice = Readonly<{ path: readonly number[]; message: string }>

const parameters: Readonly<Record<string, Choice>> = {
  body: { path: [1], message: 'BodyParameter' },
  header: { path: [2, 1], message: 'PlainParameter' },
  formData: { path: [2, 2], message: 'OptionalParameter' },
  query: { path: [2, 3], message: 'OptionalParameter' },
  path: { path: [2, 4], message: 'PlainParameter' },
}
const flows: Readonly<Record<string, Choice>> = {
  implicit: { path: [3], message: 'ImplicitSecurity' },
  password: { path: [4], message: 'TokenSecurity' },
  application: { path: [5], message: 'TokenSecurity' },
  accessCode: { path: [6], message: 'AccessCodeSecurity' },
}
const reference: Choice = { path: [2], message: 'JsonReference' }
const body: Choice = { path: [1], message: 'BodyParameter' }
const basic: Choice = { path: [1], message: 'BasicSecurity' }

function parameterChoice(value: JsonObject): Choice {
  return parameters[String(value.in)] ?? body
}

function within(number: number, { path, message }: Choice): Choice {
  return { path: [number, ...path], message }
}

/** Messages that only hold one of others. */
export const openApiChoices: Readonly<Record<string, (value: JsonObject) => Choice>> = {
  Parameter: parameterChoice,
  ParametersItem: (value) => (value.$ref === undefined ? within(1, parameterChoice(value)) : reference),
  ResponseValue: (value) => (value.$ref === undefined ? { path: [1], message: 'Response' } : reference),
  SchemaItem: ({ type }) => (type === 'file' ? { path: [2], message: 'FileSchema' } : { path: [1], message: 'Schema' }),
  SecurityDefinition: ({ type, flow }) => {
    if (type === 'oauth2') return flows[String(flow)] ?? basic
    return type === 'apiKey' ? { path: [2], message: 'ApiKeySecurity' } : basic
  },
}
