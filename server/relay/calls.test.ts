import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { appendFile, cp, mkdir, mkdtemp, open, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryKeyRing } from '../lib/seal.ts'
import { StartError } from '../lib/stopping.ts'
import type { RelayOutcome, RelayRequest } from '../shops/relays/relay-contract.ts'
import { until } from '../testing/until.ts'
import { type CallNote, callKeeper, isCallNote } from './calls.ts'
import type { AskCore } from './core-client.ts'
import { type Kept, memoryName, openKept } from './kept.ts'

const ring = memoryKeyRing()
const { signal } = new AbortController()
let folder = ''
let kept: Kept<CallNote>
const file = () => join(folder, 'calls')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-relay-'))
  kept = await openKept(file(), ring, isCallNote)
})
afterEach(async () => {
  await kept.close()
  await rm(folder, { recursive: true, force: true })
})

const request: RelayRequest = {
  ...{ kind: 'call', platform: 'taobao', credentials: {}, withhold: [], session: 's', variant: 'tmall' },
  ...{ method: 'taobao.logistics.offline.send', params: {}, file: null },
}
const done: RelayOutcome = { kind: 'answer', status: 200, text: '{}', retryAfterMs: 0 }

type Handed = { number: string; leftMs: number; request: unknown }
type Told = { number: string; outcome: RelayOutcome }

/** A core that hands these calls out at each request, and takes answers unless it is cut off. */
function aCore(calls: Handed[], { heldMs = 0 } = {}) {
  const told: Told[] = []
  const core = { told, isCut: false, ask: undefined as unknown as AskCore }
  core.ask = (async (path: string, body: { answers: { number: string; outcome: string }[] }) => {
    if (core.isCut) throw new Error('cut off')
    if (path === '/api/relay/calls') return { heldMs, calls }
    told.push(
      ...body.answers.map(({ number, outcome }) => ({
        number,
        outcome: JSON.parse(Buffer.from(outcome, 'base64').toString('utf8')),
      })),
    )
    return { taken: body.answers.length }
  }) as AskCore
  return core
}

function aKeeper(core: { ask: AskCore }, make: (request: RelayRequest) => Promise<RelayOutcome>) {
  return callKeeper({ ask: core.ask, memory: 'a folder', kept, make, onTrouble: assert.fail })
}

test('a call that is handed out three times is made once, and answered once the core is there', async () => {
  const core = aCore([{ number: 'a', leftMs: 5000, request }])
  let made = 0
  const keeper = aKeeper(core, async () => {
    made += 1
    return done
  })
  await keeper.fetch(signal)
  await keeper.fetch(signal)
  await keeper.settled()
  core.isCut = true
  await assert.rejects(keeper.report(signal))
  core.isCut = false
  await keeper.report(signal)
  await keeper.fetch(signal)
  await keeper.settled()
  assert.deepEqual([made, core.told, kept.entries.size], [1, [{ number: 'a', outcome: done }], 0])
})

test('a relay that died during a call does not make it again, and says that it is unclear', async () => {
  const core = aCore([{ number: 'a', leftMs: 5000, request }])
  void aKeeper(core, () => new Promise(() => {})).fetch(signal)
  await until(() => kept.entries.get('a') === 'begun')
  await sleep(20)
  await kept.close()
  kept = await openKept(file(), ring, isCallNote)
  const after = aKeeper(core, () => assert.fail('made twice'))
  await after.fetch(signal)
  await after.settled()
  await after.report(signal)
  const [told] = core.told
  assert.deepEqual(told?.outcome.kind === 'error' && [told.number, told.outcome.code, told.outcome.unclear], [
    'a',
    'relay_broken_off',
    true,
  ])
})

test('an answer that the core did not get survives the relay', async () => {
  const core = aCore([{ number: 'a', leftMs: 5000, request }])
  const before = aKeeper(core, async () => done)
  await before.fetch(signal)
  await before.settled()
  await kept.close()
  kept = await openKept(file(), ring, isCallNote)
  const after = aKeeper(core, () => assert.fail('made twice'))
  await after.fetch(signal)
  await after.report(signal)
  assert.deepEqual(core.told, [{ number: 'a', outcome: done }])
})

test('a call whose time was over, or may have been on its long way, is not begun', async () => {
  const late = aCore([
    { number: 'a', leftMs: -1, request },
    // The whole request took longer than the core held it, by more than what was left.
    { number: 'b', leftMs: 30, request },
  ])
  const slow: AskCore = async (...asked) => {
    const answer = await late.ask(...asked)
    await sleep(60)
    return answer
  }
  const keeper = aKeeper({ ask: slow }, () => assert.fail('made too late'))
  await keeper.fetch(signal)
  await keeper.settled()
  await keeper.report(signal)
  assert.deepEqual(
    late.told.map(
      ({ number, outcome }) => outcome.kind === 'error' && [number, outcome.code, outcome.unclear],
    ),
    [
      ['a', 'relay_too_late', false],
      ['b', 'relay_too_late', false],
    ],
  )
})

test('a call that this version cannot read is not made, and those beside it are', async () => {
  const core = aCore([
    { number: 'a', leftMs: 5000, request: { ...request, kind: 'of a newer core' } },
    { number: 'b', leftMs: 5000, request },
  ])
  const keeper = aKeeper(core, async () => done)
  await keeper.fetch(signal)
  await keeper.settled()
  await keeper.report(signal)
  const told = new Map(core.told.map(({ number, outcome }) => [number, outcome]))
  const old = told.get('a')
  assert.deepEqual(old?.kind === 'error' && [old.code, old.errorKind, old.unclear], [
    'relay_old',
    'retry',
    false,
  ])
  assert.deepEqual(told.get('b'), done)
})

test('waiting for answers, again and again, leaves nothing behind', async () => {
  const calls: Handed[] = []
  const core = aCore(calls)
  const keeper = aKeeper(core, async () => done)
  for (let turn = 0; turn < 3; turn += 1) {
    const reported = keeper.report(signal)
    calls.splice(0, 1, { number: `${turn}`, leftMs: 5000, request })
    await keeper.fetch(signal)
    await reported
  }
  assert.deepEqual([core.told.length, getEventListeners(signal, 'abort').length], [3, 0])
})

test('a copy of the memory has another name, since it does not know what the original has begun', async () => {
  const copy = join(folder, 'copy')
  await mkdir(join(folder, 'memory'))
  await cp(join(folder, 'memory'), copy, { recursive: true })
  const name = await memoryName(join(folder, 'memory'))
  assert.equal(await memoryName(join(folder, 'memory')), name)
  assert.notEqual(await memoryName(copy), name)
})

test('a memory that was written with another key file stops the start, and says so', async () => {
  await kept.keep('a', done)
  await kept.close()
  await assert.rejects(
    openKept(file(), memoryKeyRing(), isCallNote),
    (error) => error instanceof StartError && /sealing\.json/.test(error.message),
  )
  kept = await openKept(file(), ring, isCallNote)
  assert.deepEqual([...kept.entries], [['a', done]])
})

test('a damaged line is left out, and those around it are not', async () => {
  await kept.keep('a', done)
  await kept.close()
  await appendFile(file(), 'AQEdamaged\n')
  kept = await openKept(file(), ring, isCallNote)
  assert.deepEqual([[...kept.entries], kept.damaged], [[['a', done]], 1])
})

test('on a disk that is full nothing is kept; once it has room, what half a line was written over is whole', async () => {
  const files = await filePrototype()
  const full = mock.method(files, 'appendFile', async function (this: object, text: string) {
    full.mock.restore()
    await files.appendFile.call(this, text.slice(0, 20))
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  })
  // A folder in its place keeps the file from being written anew.
  await mkdir(`${file()}.new`)
  await assert.rejects(kept.keep('a', 'begun'))
  await assert.rejects(kept.keep('b', 'begun'))
  await rmdir(`${file()}.new`)
  await kept.keep('c', done)
  await kept.close()
  kept = await openKept(file(), ring, isCallNote)
  assert.deepEqual([kept.damaged, kept.entries.get('c')], [0, done])
})

/** The methods of open files, whose class Node does not export. */
async function filePrototype(): Promise<{ appendFile(this: object, text: string): Promise<void> }> {
  const handle = await open(folder, 'r')
  await handle.close()
  return Object.getPrototypeOf(handle)
}

test('a line that was not written whole is left out, and what follows it is not lost', async () => {
  await kept.keep('a', done)
  await kept.close()
  await appendFile(file(), 'AQEhalf a li')
  kept = await openKept(file(), ring, isCallNote)
  await kept.keep('b', 'begun')
  await kept.close()
  kept = await openKept(file(), ring, isCallNote)
  assert.deepEqual(
    [...kept.entries],
    [
      ['a', done],
      ['b', 'begun'],
    ],
  )
})

test('a file of forgotten entries does not grow', async () => {
  for (let turn = 0; turn < 30; turn += 1) {
    const keys = Array.from({ length: 200 }, (_, at) => `${turn} ${at}`)
    await Promise.all(keys.map((key) => kept.keep(key, 'begun')))
    kept.forget(keys)
  }
  await kept.keep('last', done)
  await kept.close()
  kept = await openKept(file(), ring, isCallNote)
  assert.deepEqual([...kept.entries], [['last', done]])
})
