/** Returns the value of a key that the map has. Throws if it lacks it, because that is a mistake of ours and no state of the data. */
export function known<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key)
  if (value === undefined) throw new Error(`Nothing is known of ${String(key)}.`)
  return value
}
