import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import { keptMaps } from './kept-map.ts'
import type { Sandbox } from './state.ts'
import type { ShopOptions } from './world/model.ts'
import { createRandom } from './world/random.ts'
import type { Clock } from './world/world.ts'

// Keeps a simulator in a file over its restart, so that a platform knows the trades that it has once shown.

/** Raise it if a kept simulator of an earlier version would not work. */
const SHAPE = 1

type Kept = {
  shape: number
  of: string
  sandbox: Sandbox
  notes: [name: string, of: object, note: unknown][]
}

/** The seed and the shops from which the simulator was made. */
type Origin = { seed: string; shops: readonly ShopOptions[] }

const nameOf = ({ seed, shops }: Origin) => JSON.stringify({ seed, shops })

/** Keeps the simulator each minute. The returned function ends that and keeps it once more. */
export function keepEachMinute(path: string, sandbox: Sandbox, origin: Origin): () => void {
  const keep = () => {
    try {
      keepSandbox(path, sandbox, origin)
    } catch (error) {
      // It goes on without a file, for example on a full disk.
      console.error('The simulator could not be kept:', error)
    }
  }
  const timer = setInterval(keep, 60_000).unref()
  return () => {
    clearInterval(timer)
    keep()
  }
}

/** Writes the simulator into a file. Functions are left out. Connections of push end with the process. */
export function keepSandbox(path: string, sandbox: Sandbox, origin: Origin): void {
  const { watchers, links } = sandbox.push
  sandbox.push.watchers = new Set()
  sandbox.push.links = new Map()
  const notes: Kept['notes'] = []
  const taken = takeFunctions(sandbox, notes)
  try {
    const kept: Kept = { shape: SHAPE, of: nameOf(origin), sandbox, notes }
    writeFileSync(`${path}.new`, serialize(kept))
    renameSync(`${path}.new`, path)
  } finally {
    for (const { of, name, value } of taken) Reflect.set(of, name, value)
    Object.assign(sandbox.push, { watchers, links })
  }
}

type Taken = { of: object; name: string; value: unknown }

/** Visits all objects that belong to the simulator. Takes the functions out of them, and adds the facts of `keptMaps` to `notes`. */
function takeFunctions(sandbox: Sandbox, notes: Kept['notes']): Taken[] {
  const taken: Taken[] = []
  const seen = new Set<object>()
  const waiting: unknown[] = [sandbox]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if (typeof one !== 'object' || one === null || seen.has(one)) continue
    seen.add(one)
    for (const [name, store] of keptMaps) {
      const note = store.get(one)
      if (note === undefined) continue
      notes.push([name, one, note])
      waiting.push(note)
    }
    for (const part of partsOf(one)) waiting.push(part)
    if (ArrayBuffer.isView(one)) continue
    for (const [name, value] of Object.entries(one)) {
      if (typeof value !== 'function') continue
      taken.push({ of: one, name, value })
      Reflect.set(one, name, undefined)
    }
  }
  return taken
}

function partsOf(one: object): Iterable<unknown> {
  if (one instanceof Map) return [...one.keys(), ...one.values()]
  if (one instanceof Set || Array.isArray(one)) return one
  return ArrayBuffer.isView(one) ? [] : Object.values(one)
}

/** Numbers that were given after the simulator was last kept are not given again. */
const SKIPPED = 1_000_000

/**
 * Reads a kept simulator. Undefined: there is none of this origin, or it is of another version; the file is then removed. Peak hours
 * have ended.
 */
export function readSandbox(path: string, origin: Origin, clock: Clock): Sandbox | undefined {
  const kept = readKept(path)
  if (kept === undefined || kept.shape !== SHAPE || kept.of !== nameOf(origin)) {
    rmSync(path, { force: true })
    return undefined
  }
  const { sandbox, notes } = kept
  for (const [name, of, note] of notes) keptMaps.get(name)?.set(of, note)
  const { world, board, push } = sandbox
  const seed = `${world.seed}:${clock.now()}`
  world.clock = clock
  world.random = createRandom(`world:${seed}`)
  world.nextNumber += SKIPPED
  world.nextRefund += SKIPPED
  world.nextToken += SKIPPED
  for (const shop of world.shops) {
    shop.random = createRandom(`shop:${seed}:${shop.key}`)
    shop.tradeLog.late = null
    shop.refundLog.late = null
  }
  board.random = createRandom(`faults:${seed}`)
  board.peaks.clear()
  push.random = createRandom(`push:${seed}`)
  for (const messages of push.owed.values()) for (const message of messages.values()) message.dueAt = 0
  return sandbox
}

function readKept(path: string): Kept | undefined {
  try {
    return deserialize(readFileSync(path))
  } catch {
    // It is the first start, or the file was cut off.
    return undefined
  }
}
