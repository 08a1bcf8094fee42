/** A value for JSON. A bigint becomes a number with all its digits, which is how platforms want 64-bit ids; undefined is left out. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }

/** Returns JSON with sorted names at every level and without spaces, over which a platform's signature can be made again. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const pairs = Object.keys(value)
    .sort()
    .flatMap((name) => {
      const one = value[name]
      return one === undefined ? [] : `${JSON.stringify(name)}:${canonicalJson(one)}`
    })
  return `{${pairs.join(',')}}`
}

/** Array.isArray does not narrow a read-only list. */
const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value)
