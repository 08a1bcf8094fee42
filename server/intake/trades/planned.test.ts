import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Trade } from '../../connectors/connector.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { planShipping } from '../../orders/holds/ship-after.ts'
import { splitOrdersBy } from '../../orders/split/split-by.ts'
import { transition } from '../../orders/status/transition.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'

const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const day = (text: string) => new Date(`${text}T00:00:00+08:00`)
async function converted(...trades: Trade[]): Promise<string[]> {
  await stage(pool, ...trades)
  const ids = await Promise.all(trades.map(async ({ tid }) => (await tradeOf(pool, tid))?.id ?? ''))
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  const found = await sql<{ id: string }>`
    select o.id from sales_order o join unnest(${trades.map(({ tid }) => tid)}::text[]) with ordinality t (tid, n) using (tid)
    order by n`.execute(pool.db)
  return found.rows.map(({ id }) => id)
}
async function shown(id: string) {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  const days = view?.events
    .filter(({ event }) => event === 'ship_after')
    .map(({ detail }) => Object(detail).day)
  return [view?.shipAfter, days?.sort()]
}
const later = (trade: Trade, more: Partial<Trade>): Trade => ({
  ...trade,
  modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
  ...more,
})
const presale = () => aTrade({ type: 'presale', planAt: day('2099-12-25') })

test('a presale ships on the day that the platform names, and not before', async () => {
  const [planned = '', plain = ''] = await converted(presale(), aTrade({ type: 'presale' }))
  assert.deepEqual(await shown(planned), [day('2099-12-25'), ['2099-12-25']])
  assert.deepEqual(await shown(plain), [null, []])
  const run = pool.db.transaction()
  await run.execute((tx) => transition(tx, [planned, plain], { event: 'confirm' }, clerk))
  await sql`update sales_order set facets[5] = ${27 * 67108864} where id = any(${[planned, plain]}::bigint[])`.execute(
    pool.db,
  )
  const outcomes = await run.execute((tx) => transition(tx, [planned, plain], { event: 'release' }, clerk))
  assert.deepEqual(
    outcomes.map((one) => (one.done ? 'done' : one.code)),
    ['presale', 'done'],
  )
})

test('when the seller moves the day, the order follows', async () => {
  const trade = presale()
  const [id = ''] = await converted(trade)
  await stage(pool, later(trade, { planAt: day('2099-12-28'), sellerMemo: '延期' }))
  assert.deepEqual(await shown(id), [day('2099-12-28'), ['2099-12-25', '2099-12-28']])
  await stage(pool, later(trade, { planAt: day('2099-12-28') }))
  assert.deepEqual(await shown(id), [day('2099-12-28'), ['2099-12-25', '2099-12-28']])
})

test('what a person planned stays, whatever day the platform names', async () => {
  const trade = presale()
  const [id = ''] = await converted(trade)
  const at = day('2099-12-01')
  await pool.db
    .transaction()
    .execute((tx) => planShipping(tx, [id], { at }, { actor: clerk, scope: wholeScope }))
  await stage(pool, later(trade, { planAt: day('2099-12-28') }))
  assert.deepEqual((await shown(id))[0], at)
})

test('lines that have days of their own are split by them, and each part follows its own', async () => {
  const [early, late] = [day('2099-12-10'), day('2099-12-25')]
  const line = aTrade().lines[0] ?? assert.fail()
  const linesWith = (first: Date, second: Date) => [
    { ...line, oid: 'a', planAt: first },
    { ...line, oid: 'b', planAt: second },
    { ...line, oid: 'c' },
  ]
  const trade = aTrade({ type: 'presale', planAt: late, lines: linesWith(early, late) })
  const [id = ''] = await converted(trade)
  assert.deepEqual((await shown(id))[0], late)
  const run = pool.db.transaction()
  const split = () =>
    run.execute((tx) => splitOrdersBy(tx, [id], [{ by: 'days' }], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(
    (await split()).map((one) => (one.done ? 'done' : one.code)),
    ['done'],
  )
  const orders = async () =>
    (
      await sql<{ oids: string[]; at: Date | null }>`
        select array_agg(l.oid order by l.oid) as oids, o.ship_after as at from sales_order o join order_line l on l.order_id = o.id
        where ${id} in (o.id, o.split_from) group by o.id order by o.id`.execute(pool.db)
    ).rows.map(({ oids, at }) => [oids.join(), at])
  assert.deepEqual(await orders(), [
    ['c', null],
    ['a', early],
    ['b', late],
  ])
  assert.deepEqual(
    (await split()).map((one) => (one.done ? 'done' : one.code)),
    ['one_day'],
  )
  // The first presale is moved to a later date than the second.
  const [later1, later2] = [day('2099-12-28'), day('2099-12-20')]
  await stage(pool, later(trade, { planAt: later1, lines: linesWith(later1, later2) }))
  assert.deepEqual(await orders(), [
    ['c', null],
    ['a', later1],
    ['b', later2],
  ])
})
