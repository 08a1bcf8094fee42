import { isRecord } from '../../../../server/lib/json.ts'

/** One field of a JSON schema, reduced to what a form needs. */
export type SchemaField = {
  name: string
  kind: 'text' | 'secret' | 'whole' | 'switch' | 'choice'
  zh: string
  en: string
  required: boolean
  options: string[]
  initial: string | number | boolean | undefined
  minimum: number | undefined
  maximum: number | undefined
}

/** Returns the fields of an object schema. Titles are Chinese, descriptions English. Fields of unsupported types are left out. */
export function fieldsOf(schema: unknown): SchemaField[] {
  const properties = at(schema, 'properties')
  const required = at(schema, 'required')
  if (!isRecord(properties)) return []
  return Object.entries(properties).flatMap(([name, field]) => {
    const kind = kindOf(field)
    // A parameter of a single run is no setting of the task.
    if (!kind || at(field, 'ofRun') === true) return []
    const title = at(field, 'title')
    const description = at(field, 'description')
    const initial = at(field, 'default')
    const zh = typeof title === 'string' ? title : name
    return [
      {
        name,
        kind,
        zh,
        en: typeof description === 'string' ? description : zh,
        required: Array.isArray(required) && required.includes(name),
        options: optionsOf(field),
        initial:
          typeof initial === 'string' || typeof initial === 'number' || typeof initial === 'boolean'
            ? initial
            : undefined,
        minimum: numberAt(field, 'minimum'),
        maximum: numberAt(field, 'maximum'),
      },
    ]
  })
}

/** Returns the value to show; without one the default of the schema. */
export const valueIn = ({ name, initial }: SchemaField, values: Record<string, unknown>): unknown =>
  values[name] ?? initial

/**
 * Converts typed text for the API: a whole number becomes a number. Other text stays as it is; the server refuses it with the field's name.
 */
export const typedValue = ({ kind }: SchemaField, text: string): string | number =>
  kind === 'whole' && /^-?\d+$/.test(text) ? Number(text) : text

function kindOf(field: unknown): SchemaField['kind'] | undefined {
  const type = at(field, 'type')
  if (optionsOf(field).length > 0) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'whole'
  if (type === 'string') return at(field, 'secret') === true ? 'secret' : 'text'
  return undefined
}

function optionsOf(field: unknown): string[] {
  const choices = at(field, 'enum') ?? at(field, 'anyOf')
  if (!Array.isArray(choices)) return []
  return choices.flatMap((choice) => {
    const value: unknown = isRecord(choice) ? choice['const'] : choice
    return typeof value === 'string' ? [value] : []
  })
}

function at(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined
}

function numberAt(value: unknown, key: string): number | undefined {
  const found = at(value, key)
  return typeof found === 'number' ? found : undefined
}

/** True if the server's name of a wrong field, such as `params/lookBackHours` or `credentials.appKey`, is about this field of the form. */
export const isAbout = (wrong: string, name: string) => wrong.split(/[./]/).at(-1) === name
