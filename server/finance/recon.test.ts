import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import iconv from 'iconv-lite'
import { sql } from 'kysely'
import { systemActor } from '../core/access/actor.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import type { SettlementKind } from './lifecycle.ts'
import { billKindOf } from './recon-lifecycle.ts'
import { reconcileDue } from './recon-task.ts'
import { oweSettlements } from './settlements.ts'

let house: TestApp
let accountant: Caller
const shops: string[] = []

before(async () => {
  house = await testApp()
  for (const name of ['甲', '乙']) {
    const made = await sql<{ id: string }>`
      insert into shop (platform, variant, name) values ('taobao', 'tmall', ${name}) returning id`.execute(
      house.db,
    )
    shops.push(made.rows[0]?.id ?? '')
  }
  accountant = await house.as(['finance.read', 'finance.reconcile'], shops.slice(0, 1))
})
after(() => house[Symbol.asyncDispose]())

const tidOf = (n: number) => `29480000000000000${String(n).padStart(2, '0')}`
const owe = async (
  n: number,
  kind: SettlementKind,
  amountFen: number,
  { source = `SO${n}`, shop = 0 }: { source?: string; shop?: number } = {},
) =>
  house.db.transaction().execute((tx) =>
    oweSettlements(
      tx,
      [
        {
          shopId: shops[shop] ?? '',
          orderId: String(n),
          orderNo: `SO${n}`,
          tid: tidOf(n),
          kind,
          source,
          amountFen,
        },
      ],
      systemActor.name,
    ),
  )
const moveDay = (n: number, day: string) =>
  sql`update settlement set created_at = ${`${day}T10:00:00+08:00`} where tid = ${tidOf(n)}`.execute(house.db)
const settleDue = () =>
  reconcileDue(house.db, { signal: new AbortController().signal, progress: () => undefined })

type Report = {
  rows: number
  added: number
  known: number
  refused: { row: number; column: string; code: string }[]
}
async function importBill(text: string | Buffer, shop = 0, who = accountant): Promise<Report> {
  const file = Buffer.from(text).toString('base64')
  const { status, body } = await who.call('POST', '/api/bills/import', { shopId: shops[shop], file })
  assert.equal(status, 200, JSON.stringify(body))
  return body as Report
}
const list = async (query: string) =>
  ((await accountant.call('GET', `/api/bill-trades?${query}`)).body as { rows: Record<string, unknown>[] })
    .rows
const told = async (query: string) =>
  (await list(query)).map(({ tid, cause, gapFen, standing }) => [tid, cause, gapFen, standing])

const head =
  '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注'
type BillRow = { income?: string; expense?: string; type?: string; at?: string }
const row = (
  no: string,
  tid: string,
  { income = '', expense = '', type = '在线支付', at = '2026-11-20 10:00:00' }: BillRow,
) => `${no}\t,x,${tid}\t,四件套,${at},ab***,${income},${expense},99.00,支付宝,${type},`

test('what a platform calls a line says what it is', () => {
  const kinds = [
    billKindOf('在线支付', '1', 100),
    billKindOf('交易退款', '1', -100),
    billKindOf('天猫佣金', '1', -5),
    billKindOf('提现', '', -100),
    billKindOf('订单', '1', 100),
    billKindOf('订单', '1', -100),
    billKindOf('别的', '', 1),
  ]
  assert.deepEqual(kinds, ['receipt', 'refund', 'fee', 'transfer', 'receipt', 'refund', 'other'])
})

describe('importing', () => {
  test('a bill that begins with lines about itself, in GBK, with marked order numbers; the same file twice adds nothing', async () => {
    await owe(1, 'order_receipt', 10_000)
    await moveDay(1, '2026-11-20')
    const file = iconv.encode(
      [
        '#支付宝账务明细查询',
        '#起始日期：[2026年11月20日 00:00:00]',
        head,
        row('A1', `T200P${tidOf(1)}`, { income: '100.00', expense: '0.00' }),
        row('A2', tidOf(1), { income: '0.00', expense: '-5.00', type: '天猫佣金' }),
        '#导出时间：[2026年11月21日]',
      ].join('\r\n'),
      'gb18030',
    )
    assert.deepEqual(await importBill(file), { rows: 2, added: 2, known: 0, refused: [] })
    assert.deepEqual(await importBill(file), { rows: 2, added: 0, known: 2, refused: [] })
    const [trade] = await list('tab=even')
    assert.deepEqual(
      [trade?.['billInFen'], trade?.['feeFen'], trade?.['ownInFen'], trade?.['gapFen']],
      [10_000, -500, 10_000, 0],
    )
  })

  test('bad rows are named with their cell and hold up no other', async () => {
    const { refused, added } = await importBill(
      [
        head,
        row('B1', tidOf(2), { income: '1.234' }),
        row('B2', tidOf(2), {}),
        row('B3', '2.94E+18', { income: '1.00' }),
        row('B4', tidOf(2), { income: '1.00', at: '昨天' }),
        row('B5', tidOf(2), { income: '1.00' }),
        row('B5', tidOf(2), { income: '1.00' }),
        row('A1', tidOf(1), { income: '99.00' }),
      ].join('\n'),
    )
    assert.equal(added, 1)
    assert.deepEqual(
      refused.map(({ row: at, column, code }) => [at, column, code]),
      [
        [2, '收入', 'bad_cell'],
        [3, '金额', 'bad_cell'],
        [4, '订单号', 'bad_cell'],
        [5, '时间', 'bad_cell'],
        [7, '流水号', 'twice'],
        [8, '流水号', 'differs'],
      ],
    )
    const amounts = await sql`select amount_fen from bill_line where serial_no = 'A1'`.execute(house.db)
    assert.deepEqual(amounts.rows, [{ amount_fen: '10000' }])
  })

  test('a bill without serial numbers: rows that say the same are two, and are not added again by a file that overlaps', async () => {
    const pddHead = '商户订单号,发生时间,收入金额(+元),支出金额(-元),账务类型,备注,业务描述'
    const line = (at: string) => `241120-${tidOf(3)},2026/11/20 ${at},3.00,0,优惠券结算,,`
    const first = [pddHead, line('8:00'), line('8:00')].join('\n')
    const second = [pddHead, line('8:00'), line('8:00'), line('9:00')].join('\n')
    assert.deepEqual(await importBill(first), { rows: 2, added: 2, known: 0, refused: [] })
    assert.deepEqual(await importBill(second), { rows: 3, added: 1, known: 2, refused: [] })
  })

  test('at once, by two people, it is there once; of a shop that one does not see, nothing comes in', async () => {
    const text = [head, row('C1', tidOf(4), { income: '7.00' })].join('\n')
    const reports = await Promise.all([importBill(text), importBill(text), importBill(text)])
    assert.deepEqual(reports.map(({ added }) => added).toSorted(), [0, 0, 1])
    const { status } = await accountant.call('POST', '/api/bills/import', {
      shopId: shops[1],
      file: Buffer.from(text).toString('base64'),
    })
    assert.equal(status, 404)
    const clerk = await house.as(['finance.read'])
    assert.equal(
      (await clerk.call('POST', '/api/bills/import', { shopId: shops[0], file: 'YQ==' })).status,
      403,
    )
  })
})

describe('both sides', () => {
  test('each trade says why it differs, and follows when its documents change', async () => {
    await owe(11, 'order_receipt', 5000)
    await owe(12, 'order_receipt', 5000)
    await owe(12, 'order_refund', -2000, { source: 'R12' })
    await owe(14, 'order_receipt', 5000)
    for (const n of [11, 12, 14]) await moveDay(n, '2026-11-22')
    await importBill(
      [
        head,
        row('D1', tidOf(11), { income: '50.00', at: '2026-11-25 00:00:00' }),
        row('D2', tidOf(12), { income: '50.00', at: '2026-11-22 10:00:00' }),
        row('D3', tidOf(12), { expense: '10.00', type: '交易退款', at: '2026-11-22 11:00:00' }),
        row('D4', tidOf(13), { income: '8.00', at: '2026-11-22 12:00:00' }),
      ].join('\n'),
    )
    await settleDue()
    const of = (n: number) => told(`tab=all&q=${tidOf(n)}`)
    assert.deepEqual(await of(11), [[tidOf(11), 'later_day', 0, 'later']])
    assert.deepEqual(await of(12), [[tidOf(12), 'amount', 1000, 'open']])
    assert.deepEqual(await of(13), [[tidOf(13), 'not_ours', 800, 'open']])
    assert.deepEqual(await of(14), [[tidOf(14), 'not_theirs', -5000, 'open']])
    await owe(13, 'order_receipt', 800)
    await owe(12, 'order_refund', -1000, { source: 'R12' })
    await settleDue()
    for (const n of [12, 13]) await moveDay(n, '2026-11-22')
    await settleDue()
    assert.deepEqual(await of(12), [[tidOf(12), '', 0, 'even']])
    assert.deepEqual(await of(13), [[tidOf(13), '', 0, 'even']])
  })

  test('a difference is explained with a reason, until a figure changes', async () => {
    const [trade] = await list(`tab=open&q=${tidOf(14)}`)
    const explain = async (id: unknown, who = accountant) => {
      const { body } = await who.call('POST', '/api/bill-trades/explain', { ids: [id], reason: '线下收的' })
      return Object(body).results[0].done ? 'done' : Object(body).results[0].code
    }
    assert.equal(await explain(trade?.['id']), 'done')
    assert.equal(await explain(trade?.['id']), 'already')
    const [even] = await list('tab=even')
    assert.equal(await explain(even?.['id']), 'no_difference')
    const stranger = await house.as(['*'], shops.slice(1))
    assert.equal(await explain(trade?.['id'], stranger), 'not_found')
    const [explained] = await list(`tab=explained&q=${tidOf(14)}`)
    assert.deepEqual([explained?.['explainedWhy'], explained?.['explainedBy']], ['线下收的', '林晓'])
    await importBill([head, row('E1', tidOf(14), { expense: '0.30', type: '技术服务费' })].join('\n'))
    assert.equal((await list(`tab=explained&q=${tidOf(14)}`)).length, 1, 'a fee is no figure of it')
    await importBill([head, row('E2', tidOf(14), { income: '20.00' })].join('\n'))
    assert.deepEqual(await told(`tab=open&q=${tidOf(14)}`), [[tidOf(14), 'amount', -3000, 'open']])
    await explain(trade?.['id'])
    await accountant.call('POST', '/api/bill-trades/reopen', { ids: [trade?.['id']] })
    assert.equal((await list(`tab=open&q=${tidOf(14)}`)).length, 1)
  })

  test('one trade shows the lines beside the documents', async () => {
    const [trade] = await list(`tab=all&q=${tidOf(12)}`)
    const { body } = await accountant.call('GET', `/api/bill-trades/${trade?.['id']}`)
    const { lines, settlements } = Object(body)
    assert.deepEqual(
      lines.map((line: { serialNo: string; kind: string; amountFen: number }) => [
        line.serialNo,
        line.kind,
        line.amountFen,
      ]),
      [
        ['D2', 'receipt', 5000],
        ['D3', 'refund', -1000],
      ],
    )
    assert.equal(settlements.length > 0, true)
    const stranger = await house.as(['*'], shops.slice(1))
    assert.equal((await stranger.call('GET', `/api/bill-trades/${trade?.['id']}`)).status, 404)
  })

  test('the causes of a day sum to its difference, to the fen', async () => {
    const days = Object((await accountant.call('GET', '/api/bill-days?from=2026-11-15&to=2026-11-30')).body)
      .rows as {
      shopId: string
      day: string
      billInFen: number
      billOutFen: number
      ownInFen: number
      ownOutFen: number
      feeFen: number
    }[]
    assert.ok(days.length >= 3)
    for (const one of days) {
      const { body } = await accountant.call('GET', `/api/bill-days/causes?shop=${one.shopId}&day=${one.day}`)
      const causes = Object(body).causes as { billFen: number; ownFen: number }[]
      const sum = (key: 'billFen' | 'ownFen') => causes.reduce((total, cause) => total + cause[key], 0)
      assert.deepEqual(
        [sum('billFen'), sum('ownFen')],
        [one.billInFen + one.billOutFen, one.ownInFen + one.ownOutFen],
        one.day,
      )
    }
    const { body } = await accountant.call('GET', `/api/bill-days/causes?shop=${shops[0]}&day=2026-11-25`)
    assert.deepEqual(Object(body).causes, [{ cause: 'later_day', trades: 1, billFen: 5000, ownFen: 0 }])
    assert.deepEqual(await told(`tab=all&shop=${shops[0]}&day=2026-11-25`), [
      [tidOf(11), 'later_day', 0, 'later'],
    ])
    assert.equal((await accountant.call('GET', '/api/bill-trades?day=2026-11-25')).status, 400)
    for (const path of ['bill-trades', 'bill-days/causes'])
      assert.equal((await accountant.call('GET', `/api/${path}?shop=${shops[0]}&day=2026-02-30`)).status, 400)
    const wrong = await accountant.call('GET', '/api/bill-days?from=2026-01-01&to=2026-11-30')
    assert.deepEqual([wrong.status, Object(wrong.body).field], [400, 'to'])
    const other = await accountant.call('GET', `/api/bill-days/causes?shop=${shops[1]}&day=2026-11-22`)
    assert.equal(other.status, 404)
  })

  test('settlements from before the first bill are looked at once the bill has come, others of the house never', async () => {
    await owe(21, 'order_receipt', 100, { source: 'SO21', shop: 1 })
    await moveDay(21, '2026-06-21')
    const boss = await house.as(['*'])
    await settleDue()
    assert.equal(
      Object((await boss.call('GET', `/api/bill-trades?tab=all&shop=${shops[1]}`)).body).rows.length,
      0,
    )
    await importBill(
      [head, row('F1', tidOf(22), { income: '1.00', at: '2026-06-20 09:00:00' })].join('\n'),
      1,
      boss,
    )
    await sql`update bill_shop set asked_at = now() - interval '10 minutes'`.execute(house.db)
    await settleDue()
    const { rows } = Object(
      (await boss.call('GET', `/api/bill-trades?tab=open&shop=${shops[1]}&sort=at`)).body,
    )
    assert.deepEqual(
      rows.map(({ tid, cause }: { tid: string; cause: string }) => [tid, cause]),
      [
        [tidOf(22), 'not_ours'],
        [tidOf(21), 'not_theirs'],
      ],
    )
    assert.equal((await sql`select from bill_due`.execute(house.db)).rows.length, 0)
    const seen = async (who: Caller) =>
      (
        Object((await who.call('GET', '/api/bill-days?from=2026-06-15&to=2026-06-30')).body).rows as {
          shopId: string
        }[]
      ).map(({ shopId }) => shopId)
    assert.ok((await seen(boss)).includes(shops[1] ?? ''))
    assert.ok(!(await seen(accountant)).includes(shops[1] ?? ''))
  })

  test('lists by tab, cause and page; counts add up; takes out as a sheet', async () => {
    const counts = Object((await accountant.call('GET', '/api/bill-trades/counts')).body).tabs
    const total = ['open', 'explained', 'later', 'even'].reduce((sum, tab) => sum + counts[tab].count, 0)
    assert.equal(counts.all.count, total)
    assert.equal(Object((await accountant.call('GET', '/api/bill-trades/count?tab=all')).body).count, total)
    const first = Object((await accountant.call('GET', '/api/bill-trades?tab=all&limit=2')).body)
    const rest = await list(`tab=all&limit=200&after=${encodeURIComponent(first.next)}`)
    assert.equal(first.rows.length + rest.length, total)
    assert.ok((await told('cause=not_ours')).every(([, cause]) => cause === 'not_ours'))
    const wrong = await accountant.call('GET', '/api/bill-trades?cause=nothing')
    assert.deepEqual([wrong.status, Object(wrong.body).field], [400, 'cause'])
  })
})
