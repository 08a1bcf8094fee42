import { randomUUID } from 'node:crypto'
import { deliveriesIn } from './deliveries.ts'
import { call, type Deeds, distinct, field, list, type Person, press, some } from './person.ts'
import { demands } from './place.ts'

type Wave = { id: string; status: string; claimedById: string | null }
type Line = { seq: number; wanted: number; done: boolean; code: string }
type Warehouse = { id: string; code: string }

/** Waves are made, claimed, picked and sorted by phones that send some scans twice. */
export const waveDeeds: Deeds = [
  [['plan waves', plan], 2],
  [['make a wave', byHand], 3],
  [['pick a wave', pickWave], 5],
  [['pick some', (me) => withWave(me, pickSome)], 2],
  [['short', (me) => withWave(me, short)], 1],
  [['cut', (me) => onWave(me, 'cut')], 1],
  [['cancel a wave', (me) => onWave(me, 'cancel')], 1],
  [['demand other steps', demandOthers], 1],
]

export async function plan(me: Person): Promise<void> {
  for (const { id } of await list<Warehouse>(me, '/api/warehouses'))
    await press(me, '/api/waves/plan', { warehouseId: id })
}

async function byHand(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, me.random.pick(['wave', 'pending'])), 12))
  if (ids.length > 0) await press(me, '/api/deliveries/make-wave', { ids })
}

async function someWave(me: Person): Promise<Wave | undefined> {
  const waves = await list<Wave>(me, '/api/waves?tab=running&limit=30')
  return waves.length === 0 ? undefined : me.random.pick(waves)
}

async function onWave(me: Person, verb: string): Promise<void> {
  const wave = await someWave(me)
  if (wave) await press(me, `/api/waves/${verb}`, { ids: [wave.id] })
}

async function withWave(me: Person, work: (me: Person, id: string) => Promise<void>): Promise<void> {
  const wave = await someWave(me)
  if (!wave) return
  if (wave.status === 'open' || wave.status === 'picking')
    await press(me, '/api/waves/claim', { ids: [wave.id], takeOver: me.random.chance(0.5) })
  await work(me, wave.id)
}

async function linesOf(me: Person, id: string): Promise<Line[]> {
  const lines = field(await call(me, 'GET', `/api/waves/${id}`), 'lines')
  return Array.isArray(lines) ? lines : []
}

/** Sends a scan; now and then again with its key, at once. */
async function scan(me: Person, path: string, body: object): Promise<void> {
  await press(me, path, { key: randomUUID(), ...body })
}

async function pickAll(me: Person, id: string): Promise<void> {
  for (const { seq, wanted } of (await linesOf(me, id)).filter((line) => !line.done))
    await scan(me, `/api/waves/${id}/pick`, { seq, pieces: Math.max(1, wanted) })
  await sortAll(me, id)
  if (me.random.chance(0.8)) await press(me, '/api/waves/hand-over', { ids: [id] })
}

async function sortAll(me: Person, id: string): Promise<void> {
  const lines = await linesOf(me, id)
  for (const { code } of lines.slice(0, 12)) await scan(me, `/api/waves/${id}/sort`, { code })
  if (me.random.chance(0.1)) await scan(me, `/api/waves/${id}/sort`, { code: 'NO-SUCH-CODE' })
}

export function pickWave(me: Person): Promise<void> {
  return withWave(me, pickAll)
}

async function pickSome(me: Person, id: string): Promise<void> {
  const [line] = (await linesOf(me, id)).filter(({ done }) => !done)
  if (line) await scan(me, `/api/waves/${id}/pick`, { seq: line.seq, pieces: Math.max(1, line.wanted - 1) })
}

async function short(me: Person, id: string): Promise<void> {
  const [line] = (await linesOf(me, id)).filter(({ done }) => !done)
  if (line) await scan(me, `/api/waves/${id}/short`, { seq: line.seq, found: Math.floor(line.wanted / 2) })
}

/** A warehouse demands other steps from now on, also of the parcels that wait. */
async function demandOthers(me: Person): Promise<void> {
  const warehouses = await list<Warehouse>(me, '/api/warehouses')
  if (warehouses.length === 0) return
  const { id } = me.random.pick(warehouses)
  await call(me, 'PATCH', `/api/warehouses/${id}`, { shipSteps: me.random.pick(demands) })
}
