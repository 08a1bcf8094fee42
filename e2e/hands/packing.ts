import { randomUUID } from 'node:crypto'
import type { StationAnswer } from '../../server/fulfilment/stations/contract.ts'
import { deliveriesIn } from './deliveries.ts'
import { call, type Deeds, distinct, list, type Person, press, some } from './person.ts'

/** Parcels are checked, weighed and shipped at two stations, or shipped in bulk. Parcels and goods that are wanted back are looked for. */
export const packingDeeds: Deeds = [
  [['station', station], 10],
  [['ship', ship], 4],
  [['intercepts', intercepts], 3],
  [['put back', putBack], 2],
]

const isWrong = (answer: unknown): answer is undefined => answer === undefined

export async function station(me: Person): Promise<void> {
  const rows = await deliveriesIn(me, me.random.pick(['check', 'check', 'weigh', 'ready', 'pending']))
  if (rows.length === 0) return
  const { no, waybillNo } = me.random.pick(rows)
  const at = `台 ${me.random.between(1, 2)}`
  const send = (verb: string, body: object = {}) => sendTwice(me, verb, { station: at, ...body })
  let answer = await send('scan', { code: waybillNo === '' || me.random.chance(0.3) ? no : waybillNo })
  const how = me.random.pick([
    'whole',
    'whole',
    'whole',
    'wrong',
    'leave',
    'aside',
    'short',
    'recount',
  ] as const)
  if (how === 'wrong') answer = await send('scan', { code: 'NO-SUCH-CODE' })
  if (how === 'recount') answer = await send('recount')
  for (let pieces = how === 'whole' || how === 'wrong' ? 40 : 1; pieces > 0 && !isOver(answer); pieces -= 1) {
    const line = answer?.parcel?.lines.find(({ counted, wanted }) => counted < wanted)
    if (!line) break
    answer = await send('scan', { code: line.code })
  }
  if (how === 'leave') return
  if (how === 'short' || how === 'aside') answer = await send('aside', { short: how === 'short' })
  if (answer?.parcel?.workState === 'weigh') answer = await send('weigh', { grams: 800, reason: '称过两次' })
  for (const one of answer?.parcel?.packages ?? [])
    if (!one.isScanned && !isOver(answer)) answer = await send('scan', { code: one.waybillNo })
  if (answer?.parcel) await send(answer.verdict.kind === 'stop' ? 'scan' : 'aside', stopCode(answer))
}

const stopCode = ({ verdict }: StationAnswer) => (verdict.kind === 'stop' ? { code: 'LJ-01' } : {})

/** True: the parcel is gone from the station, or the server did not answer. */
const isOver = (answer: StationAnswer | undefined) =>
  isWrong(answer) || !answer.parcel || ['stop', 'stuck', 'shipped'].includes(answer.verdict.kind)

/** Sends a scan; now and then again with its key, at once. */
async function sendTwice(me: Person, verb: string, body: object): Promise<StationAnswer | undefined> {
  const sent = { key: randomUUID(), ...body }
  const one = () => call(me, 'POST', `/api/stations/${verb}`, sent)
  const [first] = await Promise.all(me.random.chance(0.2) ? [one(), one()] : [one()])
  // The contract of the route; undefined if it was refused.
  return first as StationAnswer | undefined
}

export async function ship(me: Person): Promise<void> {
  const tab = me.random.chance(0.8) ? 'ready' : 'pending'
  const ids = distinct(some(me, await deliveriesIn(me, tab), 12))
  if (ids.length > 0) await press(me, '/api/deliveries/ship', { ids })
}

async function intercepts(me: Person): Promise<void> {
  const rows = await list<{ id: string; way: string }>(me, '/api/intercepts?limit=30')
  if (rows.length === 0) return
  const { id, way } = me.random.pick(rows)
  const verb = me.random.pick(
    way === 'pull' ? ['pull', 'pull', 'miss', 'money'] : ['ask', 'return', 'miss', 'money'],
  )
  await press(me, `/api/intercepts/${verb}`, { ids: [id] })
}

async function putBack(me: Person): Promise<void> {
  const ids = distinct(some(me, await list(me, '/api/put-backs?limit=30'), 5))
  if (ids.length > 0)
    await press(me, `/api/put-backs/${me.random.pick(['done', 'done', 'unpicked'])}`, { ids })
}
