/** All of them by name. */
export const keptMaps = new Map<string, WeakMap<object, unknown>>()

/** Returns a map for the facts that one platform has of trades, shops and other objects of the world. They are kept with these objects. */
export function keptMap<Key extends object, Value>(name: string): WeakMap<Key, Value> {
  if (keptMaps.has(name)) throw new Error(`Two maps have the name ${name}.`)
  const map = new WeakMap<Key, Value>()
  keptMaps.set(name, map)
  return map
}
