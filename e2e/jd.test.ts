import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { RunningSandbox } from '../sandbox/server.ts'
import { control } from '../sandbox/testing.ts'
import { runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import type { Seen } from '../server/intake/refunds/refund-actions.ts'
import {
  agree,
  anAppShop,
  answersAt,
  assertLinesOfOrderAndSku,
  assertRefundStopsWriteBack,
  authOf,
  changedLater,
  comparedWithItsBooks,
  foundAfterLostAnswer,
  reasonsToRefuse,
  refuse,
  sendAnswers,
  takenBack,
  withEndedToken,
  writeMemo,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of 京东 from its first token to the write-back: lines have no numbers and no payments, an order leaves whole, an application to cancel is of a
// whole order, a service order after it of a line, and a token is renewed within its last day only.
const shop = await anAppShop('jd')
const { house, context } = shop

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9]{8}$' as named, seller_nick as nick from shop`.execute(
    house.db,
  )
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, nick: '山隅家居京东旗舰店' }])
})

test('its trades are staged with lines that order and SKU name, whose money is spread', async () => {
  await assertLinesOfOrderAndSku(shop)
})

test('an order is shipped and written back whole, once', async () => {
  const lines = await writtenBackOnce(house)
  assert.deepEqual(
    lines.map(({ company }) => company),
    ['467', '467'],
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'jingdong.pop.order.shipment')
})

test('an order whose buyer wants to cancel is locked: its parcel is not written back', async () => {
  await assertRefundStopsWriteBack(house)
})

test('an application is agreed to, another refused with a reason of the platform, and a remark is written with its flag', async () => {
  const [paid, kept, noted] = [
    await house.order({ lines: 2 }),
    await house.order({ lines: 1 }),
    await house.order({ lines: 1 }),
  ]
  for (const { tid } of [paid, kept]) await house.control('refunds', { tid })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{ tid: string; pieces: number; word: string; seen: Seen }>`
    select tid, quantity as pieces, platform_status as word,
      json_build_object('id', id::text, 'version', version::text, 'amountFen', amount_fen) as seen
    from staged_refund where status = 'applied' and oid = '' order by id`.execute(house.db)
  const openOf = ({ tid }: { tid: string }) => {
    const refund = staged.rows.find((row) => row.tid === tid) ?? assert.fail('no refund')
    const { lines } = house.trade(tid)
    assert.equal(
      refund.pieces,
      lines.reduce((sum, { num }) => sum + num, 0),
    )
    return refund
  }
  // It takes no picture with a refusal, so none is asked for.
  const { reasons, ...proofs } = await reasonsToRefuse(house, openOf(kept))
  assert.deepEqual(
    [reasons.length, proofs],
    [6, { proofNeeded: false, proofByUrl: false, proofByFile: false }],
  )
  await agree(house, openOf(paid))
  await refuse(house, openOf(kept), { reasonId: '4', message: '客户愿意收货', proof: undefined })
  await writeMemo(house, noted, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, kept].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual(
    house.trade(paid.tid).lines.map(({ status }) => status),
    ['TRADE_CLOSED', 'TRADE_CLOSED'],
  )
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  assert.deepEqual(
    answersAt(house, ({ reason, left }) => [reason, left]),
    ['agree true 2', 'memo true', 'refuse true 4 2'],
  )
})

test('an application that the buyer takes back is closed, though neither of its times moves', async () => {
  assert.deepEqual(await takenBack(shop), ['closed', '11'])
})

test('an application that the buyer changes before its answer has its new amount here', async () => {
  assert.deepEqual(await changedLater(shop, 'reopen', 100), { status: 'applied', word: '0', lessFen: 100 })
})

/** Lets the buyer of an order that has left want its goods sent back, and returns the service order as it is on the platform and with us. */
async function aServiceOrder(kind = 'REFUND_AND_RETURN') {
  const { id, tid } = await house.shipped({ lines: 1 })
  const outbox = house.outbox()
  await house.settled(id)
  await outbox.stop()
  await house.control('refunds', { tid, kind })
  const refund = house.trade(tid).refunds[0] ?? assert.fail()
  return { tid, refund, staged: await listedOf(refund.id) }
}

async function listedOf(refundNo: string) {
  await sleep(1100)
  await runRefundList(await context())
  const { rows } = await sql<Staged>`
    select oid, kind, phase, status, platform_status as word, quantity as pieces, waybill_no as "waybillNo", carrier, amount_fen::int as fen,
      json_build_object('id', id::text, 'version', version::text, 'amountFen', amount_fen) as seen
    from staged_refund where refund_no = ${refundNo}`.execute(house.db)
  return rows[0] ?? assert.fail(`${refundNo} is not listed`)
}

type Staged = {
  oid: string
  kind: string
  phase: string
  status: string
  word: string
  pieces: number
  waybillNo: string
  carrier: string
  fen: number
  seen: Seen
}

test('a service order after shipping is agreed to with the address of the shop, its goods come back, and their receipt pays the buyer', async () => {
  const { tid, refund, staged } = await aServiceOrder()
  const [line = assert.fail()] = house.trade(tid).lines
  const { seen: _seen, ...facts } = staged
  assert.deepEqual(facts, {
    oid: line.oid,
    kind: 'return',
    phase: 'aftersale',
    status: 'applied',
    word: '10001',
    pieces: refund.num,
    waybillNo: '',
    carrier: '',
    fen: refund.fee,
  })
  await house.control('faults', {
    kind: 'timeout-after',
    method: 'jingdong.asc.audit.send',
    ms: 20,
    count: 1,
  })
  await agree(house, staged)
  await sendAnswers(house)
  // The answer was lost, and the view shows the agreement: it is not sent again.
  assert.deepEqual(house.sandbox.sandbox.board.faults, [])
  assert.deepEqual(
    house.sandbox.world.deeds.flatMap(({ key, action, accepted, detail }) =>
      key === refund.id ? [[action, accepted, detail['address']]] : [],
    ),
    [['agree', true, '山隅家居仓库']],
  )
  const agreed = await listedOf(refund.id)
  assert.deepEqual(
    [refund.status, agreed.status, agreed.word],
    ['WAIT_BUYER_RETURN_GOODS', 'agreed', '10005'],
  )

  // The parcel moves neither time nor version of the service order, and is here nevertheless.
  await house.control(`refunds/${refund.id}/return`)
  const sentBack = await listedOf(refund.id)
  assert.deepEqual(
    [sentBack.waybillNo, sentBack.carrier, sentBack.status, sentBack.seen.version],
    [refund.waybill, '韵达快递', 'agreed', agreed.seen.version],
  )
  await agree(house, sentBack)
  await sendAnswers(house)
  const paid = await listedOf(refund.id)
  assert.deepEqual(
    [refund.status, paid.status, paid.word, paid.fen],
    ['SUCCESS', 'succeeded', '10010', refund.fee],
  )
  // The order that has left stays as it is.
  assert.deepEqual(
    house.trade(tid).lines.map(({ status }) => status),
    ['WAIT_BUYER_CONFIRM_GOODS'],
  )
})

test('a service order is refused with a reason of the platform; one that changed since it was seen is not', async () => {
  const { refund, staged } = await aServiceOrder()
  const { reasons } = await reasonsToRefuse(house, staged)
  assert.deepEqual(
    reasons.map(({ id }) => id),
    ['1', '2', '3'],
  )
  await house.control(`refunds/${refund.id}/reopen`, { fee: refund.fee - 1 })
  await refuse(house, staged, { reasonId: '3', message: '影响二次销售', proof: undefined })
  await sendAnswers(house)
  assert.equal(refund.status, 'WAIT_SELLER_AGREE')
  await refuse(house, await listedOf(refund.id), {
    reasonId: '3',
    message: '影响二次销售',
    proof: undefined,
  })
  await sendAnswers(house)
  assert.deepEqual(
    [refund.status, refund.refuseReason, (await listedOf(refund.id)).status],
    ['SELLER_REFUSE_BUYER', '影响二次销售', 'refused'],
  )
})

test('a token is renewed in its last hours; one that has ended is not, and the seller must agree again', async () => {
  const [session] = [...house.sandbox.world.sessions.values()]
  const soon = Math.floor(Date.now() / 1000) + 60_000
  Object.assign(session ?? {}, { expires: soon })
  await sql`update shop set token_expires_at = to_timestamp(${soon})`.execute(house.db)
  await runTradeList(await context())
  const renewed = await sql<{ auth: string; days: number; until: number }>`
    select auth_state as auth, ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days,
      ceil(extract(epoch from refresh_expires_at - now()) / 86400)::int as until from shop`.execute(house.db)
  assert.deepEqual(renewed.rows, [{ auth: 'live', days: 30, until: 30 }])
  // A list that was read within this second asks for nothing.
  await sleep(1100)
  const late = await withEndedToken(shop)
  await assert.rejects(async () => runTradeList(late))
  assert.deepEqual(await authOf(house), ['expired'])
})

const steps: Readonly<Record<string, readonly string[]>> = {
  asked: [],
  refused: ['refuse'],
  withdrawn: ['close'],
  agreed: ['agree'],
  sentBack: ['agree', 'return'],
  paid: ['agree', 'return', 'succeed'],
}

/** Opens service orders of each kind for orders that have left, and brings one of each to every state. */
async function manyServiceOrders(sandbox: RunningSandbox): Promise<void> {
  const [shop = assert.fail()] = sandbox.world.shops
  const waiting = [...shop.trades.values()].filter(
    ({ status, hold, refunds }) => status === 'WAIT_SELLER_SEND_GOODS' && hold === '' && refunds.length === 0,
  )
  const sent = waiting.slice(0, 24)
  for (const { tid } of sent) await control(sandbox, `trades/${tid}/ship`, {})
  const lines = sent.flatMap((trade) => trade.lines.map((line) => ({ tid: trade.tid, oid: line.oid })))
  for (const kind of ['REFUND_AND_RETURN', 'TMALL_EXCHANGE', 'REPAIR', 'RESHIPPING'])
    for (const state of Object.values(steps)) {
      const { tid, oid } = lines.pop() ?? assert.fail('too few lines have left')
      await control(sandbox, 'refunds', { tid, oid, kind })
      const refund = shop.trades.get(tid)?.refunds.at(-1) ?? assert.fail()
      for (const step of state) await control(sandbox, `refunds/${refund.id}/${step}`, {})
    }
}

test('a shop with orders, applications and service orders of every kind is with us as the platform has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('jd', 150, manyServiceOrders)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  const kinds = new Set(
    platformTrades.flatMap(({ refunds }) => refunds.map(({ id, kind }) => `${id[0]} ${kind}`)),
  )
  for (const kind of ['2 REFUND', 'S REFUND_AND_RETURN', 'S TMALL_EXCHANGE', 'S REPAIR', 'S RESHIPPING'])
    assert.ok(kinds.has(kind), kind)
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
