import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { RefundKind, RefundStatus } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import { type Actor, wholeScope } from '../core/access/actor.ts'
import { endActionsByHand, retryActions } from '../core/outbox/actions.ts'
import type { Action } from '../core/outbox/handlers.ts'
import { lockActions } from '../core/outbox/queries.ts'
import { seal } from '../lib/seal.ts'
import { writeMemos } from '../orders/platform-changes/memo.ts'
import { openCall } from '../shops/calls.ts'
import { aShippingHouse } from '../testing/shipping.ts'
import { until } from '../testing/until.ts'
import { afterSalesRows } from './aftersales/desk-view.ts'
import { intakeActions } from './outbox.ts'
import { agreeRefunds, outcomesOf, refuseRefunds } from './refunds/refund-actions.ts'
import { viewRefund } from './refunds/refund-view.ts'
import { aRefund, aTrade, intakeFixture, stage, stageRefunds } from './testing.ts'

const clerk: Actor = { kind: 'user', id: '5', name: '苏敏' }

test('refusals go out by the day on which silence is consent, and several that end together are each told to their refund', async () => {
  await using pool = await intakeFixture()
  const { db, ring } = pool
  const trades = [aTrade(), aTrade()]
  await stage(pool, ...trades)
  const deadlines = [new Date('2026-11-28T04:00:00Z'), null]
  await stageRefunds(pool, ...trades.map((trade, at) => aRefund(trade, { deadline: deadlines[at] ?? null })))
  const staged = await sql<{ id: string; version: string }>`
    select id, version from staged_refund order by id`.execute(db)
  const wish = { reasonId: '1', message: '商品已发出' }
  const seen = staged.rows.map((row) => ({ ...row, amountFen: 0 }))
  await db
    .transaction()
    .execute((tx) => refuseRefunds(tx, ring, { seen, request: wish }, { actor: clerk, scope: wholeScope }))
  const actions = await sql<{ id: string; kind: string; deadline: string }>`
    select id, kind, coalesce(to_char(deadline at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'none') as deadline from platform_action order by id`.execute(
    db,
  )
  assert.deepEqual(
    actions.rows.map(({ kind, deadline }) => [kind, deadline]),
    [
      ['refund.refuse', '2026-11-28 04:00'],
      ['refund.refuse', 'none'],
    ],
  )
  const ids = actions.rows.map(({ id }) => id)
  const ended = await db
    .transaction()
    .execute((tx) =>
      endActionsByHand(
        tx,
        intakeActions,
        { ids, state: 'forced', reason: '已在后台拒绝' },
        { actor: clerk, scope: wholeScope },
      ),
    )
  assert.deepEqual(
    ended,
    ids.map((id) => ({ id, done: true })),
  )
  const refunds = await sql<{ state: string; events: string[] }>`
    select r.state, array(select event from refund_event e where e.refund_no = r.refund_no order by e.id) as events
    from staged_refund r order by r.id`.execute(db)
  const told = { state: 'refused', events: ['downloaded', 'refusing', 'refused'] }
  assert.deepEqual(refunds.rows, [told, told])
})

test('a refund whose trade is not here shows what its own platform can do', async () => {
  await using pool = await intakeFixture()
  const { db, shopId } = pool
  await stageRefunds(pool, aRefund(aTrade()))
  await sql`update shop set platform = 'pinduoduo' where id = ${shopId}`.execute(db)
  const staged = await sql<{ id: string }>`select id from staged_refund`.execute(db)
  const { actions, original } = (await viewRefund(db, staged.rows[0]?.id ?? '', wholeScope)) ?? assert.fail()
  assert.equal(original, null)
  assert.deepEqual(
    actions.filter(({ action }) => action === 'refuse' || action === 'agree'),
    ['refuse', 'agree'].map((action) => ({ action, allowed: false, code: 'unsupported_by_platform' })),
  )
})

test('a refund that was agreed to is not answered again before its new status is here; an agreement that failed leaves the choice open', async () => {
  await using pool = await intakeFixture()
  const { db, ring } = pool
  const by = { actor: clerk, scope: wholeScope }
  const trade = aTrade()
  await stage(pool, trade)
  await stageRefunds(pool, aRefund(trade))
  const staged = await sql<{ id: string; version: string; amountFen: number }>`
    select id, version, amount_fen::int as "amountFen" from staged_refund`.execute(db)
  const [{ id } = assert.fail()] = staged.rows
  /** What the page says against either answer, and what the verb of a refusal says. */
  const against = async () => {
    const { actions } = (await viewRefund(db, id, wholeScope)) ?? assert.fail()
    const shown = ['agree', 'refuse'].map((name) => actions.find(({ action }) => action === name)?.code)
    const request = { reasonId: '1', message: '商品已发出' }
    const said = await db.transaction().execute(async (tx) => {
      const sent = await refuseRefunds(tx, ring, { seen: staged.rows, request }, by)
      return outcomesOf(staged.rows, sent).map((one) => (one.done ? 'done' : one.code))
    })
    return [...shown, ...said]
  }
  const agree = async (code = '') => {
    const sent = await db
      .transaction()
      .execute((tx) => agreeRefunds(tx, ring, { seen: staged.rows, request: { code } }, by))
    return outcomesOf(staged.rows, sent).map((one) => (one.done ? 'done' : one.code))
  }
  const suggested = async () => (await afterSalesRows(db, [id])).map((row) => row.suggestion)
  const agreement = async () => {
    const found = await sql<{ id: string }>`
      select id from platform_action where kind = 'refund.agree' order by id desc limit 1`.execute(db)
    return found.rows.map((row) => row.id)
  }
  assert.deepEqual(await agree(), ['done'])
  assert.deepEqual(await against(), ['being_answered', 'being_answered', 'refund_not_open'])
  const done = { ids: await agreement(), state: 'forced', reason: '后台已同意' } as const
  await db.transaction().execute((tx) => endActionsByHand(tx, intakeActions, done, by))
  assert.deepEqual(await against(), ['already_agreed', 'already_agreed', 'refund_not_open'])
  assert.deepEqual(await suggested(), ['wait_platform'])
  // The code that comes by text message makes another key.
  assert.deepEqual([await agree(), await agree('123456')], [['already_agreed'], ['already_agreed']])
  assert.equal((await agreement()).length, 1)
  const all = await sql`select from platform_action where kind = 'refund.agree'`.execute(db)
  assert.equal(all.rows.length, 1)
  const refusals = await sql`select from platform_action where kind = 'refund.refuse'`.execute(db)
  assert.equal(refusals.rows.length, 0)
  await db.transaction().execute(async (tx) => {
    await sql`update platform_action set state = 'failed'`.execute(tx)
    const found = await lockActions(tx, await agreement(), wholeScope)
    const outcome = { state: 'failed' as const, code: 'x', message: '余额不足' }
    const handler = intakeActions.find(({ kind }) => kind === 'refund.agree') ?? assert.fail()
    await handler.onResults(
      tx,
      found.map((action) => ({ action, outcome })),
    )
  })
  assert.notDeepEqual(await suggested(), ['wait_platform'])
  assert.deepEqual(await against(), ['', '', 'done'])
})

test('goods that are sent against goods are not paid: an agreed exchange is not agreed to again', async () => {
  await using pool = await intakeFixture()
  const { db, ring } = pool
  const trade = aTrade()
  await stage(pool, trade)
  const kinds = ['exchange', 'reship', 'repair', 'return'] as const
  await stageRefunds(
    pool,
    ...kinds.map((refundKind) => aRefund(trade, { refundId: refundKind, refundKind, status: 'agreed' })),
  )
  const staged = await sql<{ id: string; refundNo: string; version: string; amountFen: number }>`
    select id, refund_no as "refundNo", version, amount_fen::int as "amountFen" from staged_refund`.execute(
    db,
  )
  const seen = kinds.flatMap((kind) => staged.rows.filter(({ refundNo }) => refundNo === kind))
  const sent = await db
    .transaction()
    .execute((tx) => agreeRefunds(tx, ring, { seen, request: {} }, { actor: clerk, scope: wholeScope }))
  assert.deepEqual(
    outcomesOf(seen, sent).map((one) => (one.done ? 'done' : one.code)),
    ['pays_nothing', 'pays_nothing', 'pays_nothing', 'done'],
  )
  const { actions } = (await viewRefund(db, seen[0]?.id ?? '', wholeScope)) ?? assert.fail()
  assert.equal(actions.find(({ action }) => action === 'agree')?.code, 'pays_nothing')
})

test('what became of an unclear agreement is told by a refund that was closed; of a refusal it tells nothing', async () => {
  await using house = await aShippingHouse('tmall')
  const handlerOf = (kind: string) => intakeActions.find((one) => one.kind === kind) ?? assert.fail()
  const shop = await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  const { signal } = new AbortController()
  /** Returns the result of verifying after the platform has done `deed`. */
  const looked = async (deed: string | undefined) => {
    const { tid } = await house.packed()
    await house.control('refunds', { tid, kind: 'REFUND' })
    const refund = house.trade(tid).refunds.at(-1) ?? assert.fail()
    const payload = {
      refundId: refund.id,
      tid,
      oid: refund.line.oid,
      phase: 'onsale',
      version: String(refund.version),
    }
    const action: Action = {
      ...{ id: '1', shopId: house.shopId, kind: '', subjectType: '', subjectId: '', idempotencyKey: '' },
      ...{ payload, secret: null, attempt: 1, unclear: false, createdBy: clerk, createdAt: new Date() },
    }
    if (deed) await house.control(`refunds/${refund.id}/${deed}`)
    return Promise.all(
      ['refund.agree', 'refund.refuse'].map((kind) => handlerOf(kind).look?.(shop, action, signal)),
    )
  }
  assert.deepEqual(await looked(undefined), ['not_done', 'not_done'])
  assert.deepEqual(await looked('succeed'), ['done', 'cannot_tell'])
  assert.deepEqual(await looked('refuse'), ['cannot_tell', 'done'])
  assert.deepEqual(await looked('close'), ['not_done', 'cannot_tell'])
})

test('an unclear agreement has had its effect where the refund is agreed to since, if it is of money or lets the goods come back', async () => {
  await using house = await aShippingHouse('tmall')
  const look = intakeActions.find(({ kind }) => kind === 'refund.agree')?.look ?? assert.fail()
  const opened = await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  const seen = async (kind: RefundKind, was: RefundStatus, agreesToReturns: boolean) => {
    const now = aRefund(aTrade(), { refundKind: kind, status: 'agreed', version: '2' })
    const { agreesToReturns: _, ...connector } = opened.connector
    const refunds = { ...connector.refunds, detail: async () => ({ refund: now, raw: '' }) }
    const shop = {
      ...opened,
      connector: { ...connector, refunds, ...(agreesToReturns ? ({ agreesToReturns } as const) : {}) },
    }
    const { refundId, tid, oid, phase } = now
    const action: Action = {
      ...{ id: '1', shopId: house.shopId, kind: '', subjectType: '', subjectId: '', idempotencyKey: '' },
      payload: { refundId, tid, oid, phase, kind, version: '1', status: was },
      ...{ secret: null, attempt: 1, unclear: false, createdBy: clerk, createdAt: new Date() },
    }
    return look(shop, action, new AbortController().signal)
  }
  for (const agreesToReturns of [true, false])
    for (const kind of ['refund_only', 'money_only'] as const) {
      assert.equal(await seen(kind, 'applied', agreesToReturns), 'done')
      // It was agreed to before ours.
      assert.equal(await seen(kind, 'agreed', agreesToReturns), 'cannot_tell')
    }
  assert.equal(await seen('return', 'applied', true), 'done')
  assert.equal(await seen('return', 'applied', false), 'cannot_tell')
})

test('the platform is given the name of the user who answered a refund, and none where no user did', async () => {
  await using house = await aShippingHouse('tmall')
  const opened = await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  const answered: unknown[] = []
  const actions = {
    ...opened.connector.actions,
    agreeRefund: async (_: unknown, { operator }: { operator?: string }) => {
      answered.push(['agree', operator])
      return { outcome: 'done' as const, results: [] }
    },
    refuseRefund: async (_: unknown, { operator }: { operator?: string }) =>
      void answered.push(['refuse', operator]),
  }
  const shop = { ...opened, connector: { ...opened.connector, actions } }
  for (const kind of ['refund.agree', 'refund.refuse']) {
    const handler = intakeActions.find((one) => one.kind === kind) ?? assert.fail()
    const words = Buffer.from(JSON.stringify({ reasonId: '1', message: '已发出', proof: '', proofType: '' }))
    for (const createdBy of [clerk, { kind: 'task', id: '7', name: '自动处理' } as const]) {
      const action: Action = {
        ...{ id: '1', shopId: house.shopId, kind, subjectType: '', subjectId: '', idempotencyKey: '' },
        payload: { refundId: '1', tid: '1', oid: '1', phase: 'onsale', version: '1' },
        ...{ secret: seal(house.ring, house.shopId, words), attempt: 1, unclear: false },
        ...{ createdBy, createdAt: new Date() },
      }
      await handler.send(shop, action, new AbortController().signal)
    }
  }
  assert.deepEqual(answered, [
    ['agree', '苏敏'],
    ['agree', undefined],
    ['refuse', '苏敏'],
    ['refuse', undefined],
  ])
})

test('a memo whose outcome nobody knows is sent again once a person has it tried again', async () => {
  await using house = await aShippingHouse('tmall')
  const { id, tid } = await house.order()
  await house.run((tx) =>
    writeMemos(tx, house.ring, { ids: [id], change: { memo: '老客' } }, { actor: clerk, scope: wholeScope }),
  )
  const action = async () => {
    const found = await sql<{ id: string; state: string }>`
      select id, state from platform_action where kind = 'trade.memo' and subject_id = ${id}`.execute(
      house.db,
    )
    return found.rows[0] ?? assert.fail()
  }
  await sql`update platform_action set state = 'unknown', attempt = 1, looks = 9, next_at = null where kind = 'trade.memo'`.execute(
    house.db,
  )
  const { id: actionId } = await action()
  await house.run((tx) =>
    retryActions(
      tx,
      intakeActions,
      { ids: [actionId], reason: '再写一次' },
      { actor: clerk, scope: wholeScope },
    ),
  )
  const memo = intakeActions.find(({ kind }) => kind === 'trade.memo')
  const outbox = house.outbox({ ...memo })
  await until(async () => (await action()).state === 'succeeded')
  await outbox.stop()
  assert.equal(house.trade(tid).memo, '老客')
})
