/** An OpenAPI v2 document as v3, for servers that know no better. Kubernetes: kube-openapi/pkg/openapiconv. */

import { isJsonList, isJsonObject, type JsonObject, objectAt } from '../json-value.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const

export function v3FromV2(document: JsonObject): JsonObject {
  const { info, externalDocs, paths, securityDefinitions, definitions, responses, produces } = document
  return {
    openapi: '3.0.0',
    ...given({ info, externalDocs, paths: mapped(paths, pathItem) }),
    components: given({
      schemas: mapped(definitions, schema),
      responses: mapped(responses, (one) => response(one, produces)),
      securitySchemes: mapped(securityDefinitions, securityScheme),
    }),
  }
}

function mapped(object: unknown, change: (value: JsonObject) => unknown): JsonObject | undefined {
  if (!isJsonObject(object)) return undefined
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, isJsonObject(value) ? change(value) : value]),
  )
}

function pathItem(item: JsonObject): JsonObject {
  const operations = methods.flatMap((method) => {
    const found = item[method]
    return isJsonObject(found) ? [[method, operation(found)] as const] : []
  })
  return { ...without(item, [...methods, 'parameters']), ...Object.fromEntries(operations), ...parametersOf(item) }
}

/** The body is a parameter in v2. */
function operation(from: JsonObject): JsonObject {
  const { consumes, produces } = from
  const body = listOf(from.parameters).find((one) => one.name === 'body' && isJsonObject(one.schema))
  const rest = without(from, ['consumes', 'produces', 'schemes', 'parameters', 'responses', 'security'])
  return {
    ...rest,
    ...parametersOf({ parameters: listOf(from.parameters).filter((one) => one !== body) }),
    ...(body === undefined ? {} : { requestBody: { ...contentOf(consumes, objectAt(body, 'schema')) } }),
    responses: mapped(from.responses, (one) => response(one, produces)) ?? {},
  }
}

function parametersOf({ parameters }: JsonObject): JsonObject {
  const found = listOf(parameters)
  return found.length === 0 ? {} : { parameters: found.map(parameter) }
}

/** A parameter's type is a schema of its own in v3. */
function parameter(from: JsonObject): JsonObject {
  if (from.$ref !== undefined) return referring(from, 'parameters')
  const { type, format, uniqueItems, schema: own, ...rest } = from
  return { ...rest, schema: isJsonObject(own) ? schema(own) : given({ type, format, uniqueItems }) }
}

function response(from: JsonObject, produces: unknown): JsonObject {
  if (from.$ref !== undefined) return referring(from, 'responses')
  const { schema: own, ...rest } = from
  return { ...rest, ...(isJsonObject(own) ? contentOf(produces, own) : {}) }
}

function referring(from: JsonObject, section: string): JsonObject {
  return { ...from, $ref: String(from.$ref).replace(`#/${section}/`, `#/components/${section}/`) }
}

function contentOf(types: unknown, of: JsonObject): JsonObject {
  if (!isJsonList(types)) return {}
  return { content: Object.fromEntries(types.map((type) => [type, { schema: schema(of) }])) }
}

/** Beside a reference nothing else may stand in v3: it moves into an `allOf`. */
function schema(from: JsonObject): JsonObject {
  const { $ref, properties, items, additionalProperties, ...rest } = from
  const inner = {
    ...rest,
    ...given({
      properties: mapped(properties, schema),
      items: isJsonObject(items) ? schema(items) : items,
      additionalProperties: isJsonObject(additionalProperties) ? schema(additionalProperties) : additionalProperties,
    }),
  }
  if (typeof $ref !== 'string') return inner
  const reference = { $ref: $ref.replace('#/definitions/', '#/components/schemas/') }
  return Object.keys(inner).length === 0 ? reference : { ...inner, allOf: [reference] }
}

function securityScheme(from: JsonObject): JsonObject {
  const { flow, authorizationUrl, tokenUrl, scopes, ...rest } = from
  if (typeof flow !== 'string') return rest
  return { ...rest, flows: { [flow]: given({ authorizationUrl, tokenUrl, scopes }) } }
}

function listOf(value: unknown): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : []
}

/** The object without what is not there. */
function given(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ''))
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}
