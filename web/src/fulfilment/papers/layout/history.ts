import { useState } from 'react'

/** How many changes can be undone. */
const most = 100

type Past<Value> = {
  before: readonly Value[]
  now: Value
  after: readonly Value[]
  group: string | undefined
}

/**
 * A value whose changes can be undone. Changes of the same `group` that follow each other, such as those of one drag, are undone
 * together.
 */
export function useHistory<Value>(first: Value) {
  const [past, setPast] = useState<Past<Value>>({ before: [], now: first, after: [], group: undefined })
  return {
    value: past.now,
    set: (value: Value, group?: string) => setPast((now) => noted(now, value, group)),
    undo: () => setPast(undone),
    redo: () => setPast(redone),
    canUndo: past.before.length > 0,
  }
}

export function noted<Value>(past: Past<Value>, value: Value, group?: string): Past<Value> {
  const joins = group !== undefined && group === past.group
  const before = joins ? past.before : [...past.before, past.now].slice(-most)
  return { before, now: value, after: [], group }
}

export function undone<Value>(past: Past<Value>): Past<Value> {
  const now = past.before.at(-1)
  if (now === undefined) return past
  return { before: past.before.slice(0, -1), now, after: [past.now, ...past.after], group: undefined }
}

export function redone<Value>(past: Past<Value>): Past<Value> {
  const [now, ...after] = past.after
  if (now === undefined) return past
  return { before: [...past.before, past.now], now, after, group: undefined }
}
