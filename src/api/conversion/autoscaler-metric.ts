/** Metrics of a v1 autoscaler's annotations, and those of v2. */
import { isJsonObject, type JsonObject, objectAt } from '../json-value.ts'

/** Fields in Go's order; what is unset is left out. */
function inOrder(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
}

function reference({ kind = '', name = '', apiVersion }: JsonObject): JsonObject {
  return { kind, name, ...(apiVersion === undefined || apiVersion === '' ? {} : { apiVersion }) }
}

type Source = (source: JsonObject) => JsonObject
type Sources = Readonly<Record<string, Source>>

function converted(sources: Sources): Source {
  return (metric) =>
    inOrder({
      type: metric.type,
      ...Object.fromEntries(
        Object.entries(sources)
          .filter(([name]) => isJsonObject(metric[name]))
          .map(([name, convert]) => [name, convert(objectAt(metric, name))]),
      ),
    })
}

const resourceTarget: Source = (source) => ({
  name: source.name,
  targetAverageUtilization: objectAt(source, 'target').averageUtilization,
  targetAverageValue: objectAt(source, 'target').averageValue,
})

export const metricSpecToV1 = converted({
  object: (source) =>
    inOrder({
      target: reference(objectAt(source, 'describedObject')),
      metricName: objectAt(source, 'metric').name,
      targetValue: objectAt(source, 'target').value ?? '0',
      selector: objectAt(source, 'metric').selector,
      averageValue: objectAt(source, 'target').averageValue,
    }),
  pods: (source) =>
    inOrder({
      metricName: objectAt(source, 'metric').name,
      targetAverageValue: objectAt(source, 'target').averageValue ?? '0',
      selector: objectAt(source, 'metric').selector,
    }),
  resource: (source) => inOrder(resourceTarget(source)),
  containerResource: (source) => inOrder({ ...resourceTarget(source), container: source.container }),
  external: (source) =>
    inOrder({
      metricName: objectAt(source, 'metric').name,
      metricSelector: objectAt(source, 'metric').selector,
      targetValue: objectAt(source, 'target').value,
      targetAverageValue: objectAt(source, 'target').averageValue,
    }),
})

function metric(name: unknown, selector: unknown): JsonObject {
  return { metric: inOrder({ name, selector }) }
}

function resourceOfV1({ name, targetAverageUtilization: utilization, targetAverageValue }: JsonObject): JsonObject {
  const type = utilization === undefined || utilization === null ? 'AverageValue' : 'Utilization'
  return { name, target: inOrder({ type, averageValue: targetAverageValue, averageUtilization: utilization }) }
}

export const metricSpecOfV1 = converted({
  object: (source) => {
    const { averageValue, targetValue } = source
    const isAverage = averageValue !== undefined && averageValue !== null
    const value = isAverage && (targetValue === '0' || targetValue === undefined) ? undefined : (targetValue ?? '0')
    const type = isAverage ? 'AverageValue' : 'Value'
    return {
      describedObject: reference(objectAt(source, 'target')),
      target: inOrder({ type, value, averageValue }),
      ...metric(source.metricName, source.selector),
    }
  },
  pods: (source) => ({
    ...metric(source.metricName, source.selector),
    target: { type: 'AverageValue', averageValue: source.targetAverageValue ?? '0' },
  }),
  resource: resourceOfV1,
  containerResource: (source) => ({ ...resourceOfV1(source), container: source.container }),
  external: ({ metricName, metricSelector, targetValue, targetAverageValue }) => {
    const type = targetValue === undefined || targetValue === null ? 'AverageValue' : 'Value'
    return {
      ...metric(metricName, metricSelector),
      target: inOrder({ type, value: targetValue, averageValue: targetAverageValue }),
    }
  },
})

const resourceCurrent: Source = (source) => ({
  name: source.name,
  currentAverageUtilization: objectAt(source, 'current').averageUtilization,
  currentAverageValue: objectAt(source, 'current').averageValue ?? '0',
})

export const metricStatusToV1 = converted({
  object: (source) =>
    inOrder({
      target: reference(objectAt(source, 'describedObject')),
      metricName: objectAt(source, 'metric').name,
      currentValue: objectAt(source, 'current').value ?? '0',
      selector: objectAt(source, 'metric').selector,
      averageValue: objectAt(source, 'current').averageValue,
    }),
  pods: (source) =>
    inOrder({
      metricName: objectAt(source, 'metric').name,
      currentAverageValue: objectAt(source, 'current').averageValue ?? '0',
      selector: objectAt(source, 'metric').selector,
    }),
  resource: (source) => inOrder(resourceCurrent(source)),
  containerResource: (source) => inOrder({ ...resourceCurrent(source), container: source.container }),
  external: (source) =>
    inOrder({
      metricName: objectAt(source, 'metric').name,
      metricSelector: objectAt(source, 'metric').selector,
      currentValue: objectAt(source, 'current').value ?? '0',
      currentAverageValue: objectAt(source, 'current').averageValue,
    }),
})

function current(source: JsonObject): JsonObject {
  return {
    current: inOrder({
      averageValue: source.currentAverageValue ?? '0',
      averageUtilization: source.currentAverageUtilization,
    }),
  }
}

export const metricStatusOfV1 = converted({
  object: (source) => ({
    ...metric(source.metricName, source.selector),
    current: inOrder({ value: source.currentValue ?? '0', averageValue: source.averageValue }),
    describedObject: reference(objectAt(source, 'target')),
  }),
  pods: (source) => ({ ...metric(source.metricName, source.selector), ...current(source) }),
  resource: (source) => ({ name: source.name, ...current(source) }),
  containerResource: (source) => ({ name: source.name, ...current(source), container: source.container }),
  external: (source) => ({
    ...metric(source.metricName, source.metricSelector),
    current: inOrder({ value: source.currentValue ?? '0', averageValue: source.currentAverageValue }),
  }),
})
