import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { statusFacet } from '../server/orders/order/facets.ts'
import { until } from '../server/testing/until.ts'
import { appears, choosePicture, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const hour = 3600
const now = Math.floor(Date.now() / 1000)
const made = await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 2,
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  payment: 12_800,
  created: now - 2 * hour,
  spreadSeconds: hour,
})
assert.ok(typeof made === 'object' && made !== null && 'tids' in made && Array.isArray(made.tids))
const [waiting = '', gone = ''] = made.tids.map(String)
await house.run('trade_list')
await house.run('trade_detail')
type Rows = { rows: { id: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map((row) => row.id) })

// The second trade was shipped, but its write-back is still waiting, so the platform does not know it.
await sql`
  with parcel as (
    update sales_order set status = 'shipped', facets[1] = ${statusFacet('shipped')}::int where tid = ${gone}
    returning id, no, tid, shop_id
  ), delivery_made as (
    insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, write_back, round, shipped_at, shipped_by, created_by)
    select 'DN2611250000001', id, no, tid, shop_id, 'shipped', 'SF', 'SF1000000000001', 'waiting', 1, now(), '周强', '周强' from parcel
    returning id, shop_id
  ), action as (
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select shop_id, 'trade.ship', 'delivery', id::text, 'trade.ship/browser', '{}', 'pending', 'infinity', '{"kind":"system","id":"","name":"系统"}'
    from delivery_made returning id, subject_id
  )
  select from action`.execute(house.db)
await sql`
  update delivery set action_id = (select id from platform_action where idempotency_key = 'trade.ship/browser')`.execute(
  house.db,
)
const refundOf = async (tid: string, hours: number, { fee = 12_800, created = now - 600 } = {}) => {
  const refund = await house.control('refunds', {
    tid,
    kind: 'REFUND',
    fee,
    num: 1,
    constraint: '',
    reason: '不想要了',
    deadlineIn: hours * hour,
    created,
  })
  return /"refundId":"(\d+)"/.exec(JSON.stringify(refund))?.[1] ?? ''
}
const numbers = [await refundOf(waiting, 2), await refundOf(gone, 3)]
const [first = '', second = ''] = numbers
await house.run('refund_list')

const page = await chromium.open(`${house.url}/aftersale`, house.admin)
pictureFailures(() => page)
const row = (no: string) => page.getByRole('row', { name: no })

test('refunds stand by their deadline, each with where its original stands and what is suggested', async () => {
  await listIsReady(page)
  const texts = await rowsOf(page).allInnerTexts()
  assert.deepEqual(
    texts.map((text) => numbers.findIndex((no) => text.includes(no))),
    [0, 1],
  )
  await appears(row(first).getByText('未确认'))
  await appears(row(first).getByText('转退单：按原单状态处理'))
  await appears(row(second).getByText('已发货未回写'))
  // The refund stopped its parcel before a person converted it.
  await appears(row(second).getByText('仓库拦下包裹，再同意'))
})

test('all are converted by one key: one order is held, of the other nobody is told any more', async () => {
  await page.keyboard.press('Control+a')
  await page.keyboard.press('c')
  await appears(row(first).getByText('订单已停，可以同意退款'))
  await appears(row(second).getByText('仓库拦下包裹，再同意'))
  const found = await sql<{ state: string; writeBack: string }>`
    select a.state, d.write_back as "writeBack" from delivery d, platform_action a
    where a.idempotency_key = 'trade.ship/browser'`.execute(house.db)
  assert.deepEqual(found.rows, [{ state: 'withdrawn', writeBack: 'stopped' }])
})

test('who bears it is said, and stands on the row', async () => {
  await row(first).getByRole('checkbox').click()
  await page.keyboard.press('y')
  const dialog = page.getByRole('dialog', { name: '判 1 笔的责任' })
  await dialog.getByLabel('责任方').selectOption('buyer')
  await dialog.getByRole('button', { name: '判责任', exact: true }).click()
  await appears(row(first).getByText('买家', { exact: true }))
})

test('the warehouse finds the parcel to pull out, and pulling it undoes the shipping', async () => {
  await page.goto(`${house.url}/intercepts`)
  await listIsReady(page)
  await appears(row('SF1000000000001').getByText('退款拦截，不回写'))
  await row('SF1000000000001').getByRole('checkbox').click()
  await page.keyboard.press('u')
  const question = page.getByRole('dialog', { name: /拦到了/ })
  await question.getByRole('button', { name: /拦到了/ }).click()
  await goes(row('SF1000000000001'))
  await page.goto(`${house.url}/aftersale`)
  await appears(row(second).getByText('订单已停，可以同意退款'))
})

test('the money goes back: the goods are listed, and a scanned number puts them back', async () => {
  await house.control(`refunds/${second}/succeed`, {})
  // The list lags behind the platform's clock.
  await until(async () => {
    await house.run('refund_list')
    return (await sql`select from put_back`.execute(house.db)).rows.length > 0
  })
  await page.goto(`${house.url}/put-backs`)
  await listIsReady(page)
  await appears(row('DN2611250000001'))
  await page.keyboard.press('s')
  await page.keyboard.type('SF1000000000001')
  await page.keyboard.press('Enter')
  await appears(page.getByText('1 行已放回').first())
  await goes(row('DN2611250000001'))
})

test('a refund that was converted is refused by one key, and its order goes on once the platform says so', async () => {
  const holds = async () => {
    const found = await sql<{ source: string }>`
      select h.source from order_hold h join sales_order o on o.id = h.order_id
      where o.tid = ${waiting} and h.reason = 'refund_open' and h.released_at is null`.execute(house.db)
    return found.rows.map(({ source }) => source)
  }
  assert.deepEqual(await holds(), [first])
  await page.goto(`${house.url}/aftersale`)
  await listIsReady(page)
  await row(first).getByRole('checkbox').click()
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: '拒绝 1 笔退款' })
  await dialog.getByLabel('原因').selectOption({ label: '商品已发出' })
  await dialog.getByLabel('说明').fill('包裹已经揽收，请收到后再申请')
  await choosePicture(dialog, 60)
  await appears(dialog.getByRole('img', { name: '凭证' }))
  await dialog.getByRole('button', { name: '拒绝并写回天猫' }).click()
  await goes(dialog)
  await until(async () => {
    await house.run('refund_list')
    return (await holds()).length === 0
  })
  await goes(row(first))
  await page.goto(`${house.url}/refund-history`)
  await appears(row(first).getByText('已转退单'))
  const found = await sql<{ state: string; status: string; sent: number }>`
    select r.state, r.status, (select count(*)::int from platform_action a where a.kind = 'refund.refuse' and a.subject_id = r.id::text) as sent
    from staged_refund r where refund_no = ${first}`.execute(house.db)
  assert.deepEqual(found.rows, [{ state: 'converted', status: 'refused', sent: 1 }])
})

test('statistics tell the reasons, and are walked by keys: grouped, narrowed to one, and back', async () => {
  await page.goto(`${house.url}/refund-statistics`)
  await appears(page.getByRole('row', { name: /不想要了/ }).getByText('256.00'))
  await page.keyboard.press('2')
  await appears(page.getByRole('table', { name: '店铺' }))
  await page.keyboard.press('1')
  await appears(page.getByRole('table', { name: '原因' }))
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('table', { name: '商品编码' }))
  await appears(page.getByRole('button', { name: '去掉筛选 原因' }))
  await page.keyboard.press('Escape')
  await goes(page.getByRole('button', { name: '去掉筛选 原因' }))
  await page.keyboard.press('?')
  await appears(page.getByRole('region', { name: '快捷键' }).getByText('按责任', { exact: true }))
  await page.keyboard.press('Escape')
})

test('from the desk the lists of the warehouse are one key away', async () => {
  await page.goto(`${house.url}/aftersale`)
  await listIsReady(page)
  await page.keyboard.press('i')
  await appears(page.getByRole('heading', { name: '拦截' }))
  await page.goto(`${house.url}/aftersale`)
  await listIsReady(page)
  await page.keyboard.press('b')
  await appears(page.getByRole('heading', { name: '待放回' }))
})

test('two are agreed to by one key: the platform pays one, of the other it wants a code, which its row says', async () => {
  const more = await Promise.all(
    [600_000, 12_800].map((payment) =>
      house.control('trades', {
        shop: 'shanyu-tmall',
        status: 'WAIT_SELLER_SEND_GOODS',
        type: 'fixed',
        lines: 1,
        payment,
        created: now - hour,
      }),
    ),
  )
  const tids = more.map((one) => /"tids?":\[?"(\d+)"/.exec(JSON.stringify(one))?.[1] ?? '')
  const refunds: string[] = []
  for (const [at, tid] of tids.entries())
    refunds.push(
      await refundOf(tid, 5 + at, {
        fee: at === 0 ? 600_000 : 12_800,
        created: Math.floor(Date.now() / 1000),
      }),
    )
  const [large = '', small = ''] = refunds
  await until(async () => {
    await house.run('refund_list')
    const found = await sql`select from staged_refund where refund_no = any(${refunds}::text[])`.execute(
      house.db,
    )
    return found.rows.length === 2
  })
  await page.goto(`${house.url}/aftersale`)
  await listIsReady(page)
  await row(large).getByRole('checkbox').click()
  await row(small).getByRole('checkbox').click()
  await page.keyboard.press('a')
  const dialog = page.getByRole('dialog', { name: '同意 2 笔退款，现在退 ¥6,128.00' })
  const act = dialog.getByRole('button', { name: /^同意，退/ })
  assert.equal(await act.getAttribute('aria-disabled'), 'true', 'not without the sum')
  await dialog.getByLabel('再输入一次现在退的金额').fill('6128')
  await act.click()
  await goes(dialog)
  await appears(row(large).getByText(/验证码/), 30_000)
  const paid = async () =>
    (
      await sql<{ no: string }>`
        select payload ->> 'refundId' as no from platform_action where kind = 'refund.agree' and state = 'succeeded'`.execute(
        house.db,
      )
    ).rows.map(({ no }) => no)
  await until(async () => (await paid()).length > 0)
  assert.deepEqual(await paid(), [small])
  await page.keyboard.press('Escape')
  await row(large).getByRole('checkbox').click()
  await page.keyboard.press('a')
  const again = page.getByRole('dialog', { name: '同意 1 笔退款，现在退 ¥6,000.00' })
  await again.getByLabel('再输入一次现在退的金额').fill('6000')
  await again.getByLabel('短信验证码，平台已发给店主').fill('123456')
  await again.getByRole('button', { name: /^同意，退/ }).click()
  await until(async () => (await paid()).length > 1)
  assert.deepEqual((await paid()).sort(), [large, small].sort())
})

test('agreeing to goods that come back asks for no sum, and is off where only the platform can agree', async () => {
  const back = await house.control('trades', {
    shop: 'shanyu-tmall',
    status: 'WAIT_SELLER_SEND_GOODS',
    type: 'fixed',
    lines: 1,
    created: now - hour,
  })
  const refund = await house.control('refunds', {
    tid: /"tids?":\[?"(\d+)"/.exec(JSON.stringify(back))?.[1] ?? '',
    kind: 'REFUND_AND_RETURN',
    constraint: '',
    created: Math.floor(Date.now() / 1000),
  })
  const no = /"refundId":"(\d+)"/.exec(JSON.stringify(refund))?.[1] ?? ''
  await until(async () => {
    await house.run('refund_list')
    return (await sql`select from staged_refund where refund_no = ${no}`.execute(house.db)).rows.length > 0
  })
  const asks = async () => {
    await page.goto(`${house.url}/aftersale?refundNos=${no}`)
    await listIsReady(page)
    await row(no).getByRole('checkbox').click()
    await page.keyboard.press('a')
    const dialog = page.getByRole('dialog', { name: '同意' })
    await dialog.waitFor()
    return dialog
  }
  const off = await asks()
  assert.equal(await off.getByRole('button', { name: /^同意/ }).getAttribute('aria-disabled'), 'true')
  await appears(off.getByText(/^另外选的 1 笔现在同意不了/))
  // The platform as one that agrees to returns here.
  await page.route(/\/api\/connectors/, async (route) => {
    const answer = await route.fetch()
    const { rows } = await answer.json()
    const as = (one: object) => ({ ...one, goodsFirst: false, agreesToReturns: true })
    await route.fulfill({ response: answer, json: { rows: rows.map(as) } })
  })
  const dialog = await asks()
  await appears(dialog.getByText('同意 1 笔寄回，现在不退钱'))
  await appears(dialog.getByText(/^1 笔现在只同意买家把货寄回，货到之后再退钱/))
  assert.equal(await dialog.getByRole('textbox').count(), 0)
  assert.equal(await dialog.getByRole('button', { name: '同意买家寄回' }).getAttribute('aria-disabled'), null)
  await page.unroute(/\/api\/connectors/)
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
