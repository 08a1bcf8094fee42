import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { aWaitingDelivery, placeGoods } from '../server/fulfilment/waves/testing.ts'
import { holdOrders } from '../server/orders/holds/holds.ts'
import { permissionsOf, testApp } from '../server/testing/app.ts'
import { aShop } from '../server/testing/orders.ts'
import { packer } from '../server/testing/shipping.ts'
import { aSku, aWarehouse } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures } from './browser.ts'

// 波次 in the role 仓库: rules, planning, claiming, picking on the phone, a stop, a short pick, sorting, cutting, cancelling.

const house = await testApp()
const { db } = house
await createQueues(db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const keeper = await house.as(await permissionsOf(db, '仓库'))
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db)
const [pillow = '', towel = '', candle = ''] = [
  await aSku(db, 'PILLOW'),
  await aSku(db, 'TOWEL'),
  await aSku(db, 'CANDLE'),
]
await placeGoods(db, warehouseId, [pillow, towel, candle])
await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${pillow})`.execute(db)
const waits = (goods: [string, number][], hours: number) =>
  aWaitingDelivery(db, { shopId, warehouseId, goods, hours })
for (let one = 0; one < 3; one += 1) await waits([[pillow, 1]], 30 + one)
const first = await waits(
  [
    [pillow, 1],
    [towel, 1],
  ],
  3,
)
const held = await waits(
  [
    [towel, 1],
    [candle, 1],
  ],
  5,
)
const short = await waits(
  [
    [pillow, 1],
    [candle, 2],
  ],
  7,
)

const page = await chromium.open(`${house.url}/waves`, keeper)
pictureFailures(() => page)
const statuses = async () =>
  (
    await sql<{ is: string }>`select concat_ws(' ', rule_name, status) as is from wave order by id`.execute(
      db,
    )
  ).rows.map((row) => row.is)
const delivery = async (id: string) =>
  (
    await sql<{ is: string }>`
      select concat_ws(' ', case when picked_at is null then 'unpicked' else 'picked' end, basket) as is from delivery where id = ${id}`.execute(
      db,
    )
  ).rows[0]?.is
const panel = page.getByRole('complementary', { name: '波次' })
const openWave = (rule: string) => page.locator('.wave-open').filter({ hasText: rule }).first().click()
const scan = async (code: string) => {
  await page.getByRole('textbox', { name: '扫码' }).fill(code)
  await page.keyboard.press('Enter')
}

test('the usual rules are saved, and each says how many wait', async () => {
  await appears(page.getByText('还没有规则'))
  await page.getByRole('button', { name: '改规则…' }).click()
  const dialog = page.getByRole('dialog', { name: '建波规则' })
  await dialog.getByLabel('最少单数').first().fill('3')
  for (const [name, text] of [
    ['最多单数', '35'],
    ['每天几点自动建', '9:30 23:05 25:00'],
    ['够几单自动建', '40'],
    ['省份', '浙江 江苏'],
  ] as const) {
    const field = dialog.getByLabel(name).nth(1)
    await field.press('Control+a')
    await field.press('Delete')
    await field.pressSequentially(text)
  }
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  assert.deepEqual(
    (
      await sql`select orders_to as most, provinces, auto_times as at, auto_orders as many from wave_rule where name = '单品混拣'`.execute(
        db,
      )
    ).rows,
    [{ most: 35, provinces: ['浙江', '江苏'], at: ['09:30', '23:05'], many: 40 }],
  )
  const rules = page.locator('.wave-rule')
  await appears(rules.filter({ hasText: '爆款单品' }).filter({ hasText: '3 单在等' }))
  await appears(rules.filter({ hasText: '多品播种' }).filter({ hasText: '3 单在等' }))
  await rules.filter({ hasText: '单品混拣' }).getByRole('checkbox').click()
  await appears(page.locator('.wave-rule.off').filter({ hasText: '单品混拣' }))
})

test('N makes the waves; one is cancelled and made again', async () => {
  await page.keyboard.press('n')
  await appears(page.locator('.toast').filter({ hasText: '建了 2 个波次，6 单' }))
  await openWave('爆款单品')
  await appears(panel.getByRole('cell', { name: 'A-01' }))
  await panel.getByRole('button', { name: '撤销波次…' }).click()
  await page.getByRole('dialog', { name: '撤销波次' }).getByRole('button', { name: '撤销波次' }).click()
  await until(async () => (await statuses()).includes('爆款单品 cancelled'))
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await until(async () => (await statuses()).length === 3)
})

test('a wave is claimed with A and picked on a phone: right, wrong, stopped, missing', async () => {
  await page.goto(`${house.url}/waves?tab=all`)
  await page.getByRole('row').filter({ hasText: '多品播种' }).getByRole('button').first().click()
  await appears(panel.getByText('没人领'))
  await page.keyboard.press('a')
  await until(async () => (await statuses()).includes('多品播种 picking'))
  await appears(panel.getByRole('button', { name: '去拣货' }))
  const route = panel.getByRole('img', { name: '路线 3 站，1 条巷道' })
  await appears(route)
  const spots = async () => {
    const all = await route.locator('.spot').all()
    return Promise.all(
      all.map(async (one) => [await one.getAttribute('class'), await one.locator('title').textContent()]),
    )
  }
  assert.deepEqual(await spots(), [
    ['spot here', '1 A-01'],
    ['spot ahead', '2 A-02'],
    ['spot ahead', '3 A-03'],
  ])
  await page.setViewportSize({ width: 390, height: 844 })
  await panel.getByRole('button', { name: '去拣货' }).click()
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  await scan('A-01')
  await appears(page.getByText('库位对'))
  await scan('TOWEL')
  await appears(page.getByText('不对，这是 TOWEL，要 PILLOW'))
  await scan('6901234567892')
  await appears(page.locator('.phone-count').filter({ hasText: '1' }))
  await scan('PILLOW')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-02' }))
  // A second tap takes nothing of the next stop.
  await page.getByRole('button', { name: '整站拿齐' }).dblclick()
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-03' }))
  await db.transaction().execute((tx) =>
    holdOrders(
      tx,
      [held.orderId],
      { reason: 'ask_buyer', note: '', until: null },
      {
        actor: packer,
        scope: wholeScope,
      },
    ),
  )
  await scan('CANDLE')
  await appears(page.locator('.phone-count').filter({ hasText: '1' }))
  await page.getByRole('button', { name: '少货' }).click()
  await appears(page.getByText('少 1 件：先去备库位找；没有备库位，LJ-03 离开波次等货'))
  await page.getByRole('button', { name: '报少 1 件' }).click()
  await appears(page.getByRole('heading', { name: '拣完了' }))
  await appears(page.getByText('拦下或离开的篮：LJ-02、LJ-03'))
  assert.deepEqual(
    [await delivery(first.id), await delivery(held.id), await delivery(short.id)],
    ['picked 1', 'unpicked', 'unpicked'],
  )
  const waiting = await sql<{ is: string }>`
    select concat_ws(' ', reserved, wanted) as is from reservation where order_id = ${short.orderId} and sku_id = ${candle}`.execute(
    db,
  )
  assert.deepEqual(waiting.rows, [{ is: '0 2' }])
})

test('the goods are sorted by scans, each names its basket; a stopped one is red', async () => {
  await page.getByRole('link', { name: '去播种' }).click()
  await page.setViewportSize({ width: 1280, height: 800 })
  const verdict = page.locator('.sort-verdict')
  await scan('PILLOW')
  await appears(verdict.filter({ hasText: 'LJ-01' }))
  await scan('nothing')
  await appears(verdict.filter({ hasText: 'nothing 不是这个波次的货' }))
  await scan('TOWEL')
  await appears(verdict.filter({ hasText: 'LJ-01' }))
  await scan('TOWEL')
  await appears(verdict.filter({ hasText: 'LJ-02 已拦截：放进去，不发' }))
  await scan('TOWEL')
  await appears(verdict.filter({ hasText: '放回库位' }))
  await scan('PILLOW')
  await appears(verdict.filter({ hasText: 'LJ-03' }))
  await scan('CANDLE')
  await until(async () => (await statuses()).includes('多品播种 done'))
})

test('the pick list is printed; goods that are not picked are cut out, the rest is handed over', async () => {
  await page.goto(`${house.url}/waves`)
  await openWave('爆款单品')
  await appears(panel.getByText('没人领'))
  await page.keyboard.press('p')
  await appears(page.getByRole('heading', { name: /拣货单 W-/ }))
  await appears(page.locator('.paper-bin').filter({ hasText: 'A-01' }))
  await page.getByRole('link', { name: '回波次' }).click()
  await panel.getByRole('button', { name: '领取' }).click()
  await appears(panel.getByRole('button', { name: '去拣货' }))
  await panel.getByRole('button', { name: '去拣货' }).click()
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  await scan('PILLOW')
  await appears(page.locator('.phone-count').filter({ hasText: '2' }))
  await page.getByRole('link', { name: '返回' }).click()
  await appears(page.getByRole('heading', { name: '拣货' }))
  await page.goto(`${house.url}/waves`)
  await openWave('爆款单品')
  await panel.getByRole('button', { name: '拆出缺货单…' }).click()
  await page
    .getByRole('dialog', { name: '拆出缺货单' })
    .getByRole('button', { name: '拆出', exact: true })
    .click()
  await until(async () => (await statuses()).includes('爆款单品 picked'))
  await panel.getByRole('button', { name: '交验货' }).click()
  await until(async () => (await statuses()).includes('爆款单品 done'))
  const left = await sql<{ count: number }>`
    select count(*)::int as count from wave_delivery where left_reason = 'cut'`.execute(db)
  assert.equal(left.rows[0]?.count, 2)
  assert.deepEqual(chromium.faults, [])
})

test('a wave is picked by the printed list without a phone, and ends with one press', async () => {
  const three = [
    await waits([[pillow, 1]], 40),
    await waits([[pillow, 1]], 41),
    await waits([[pillow, 1]], 42),
  ]
  await page.goto(`${house.url}/waves`)
  await appears(page.locator('.wave-rule').filter({ hasText: '爆款单品' }).filter({ hasText: '5 单在等' }))
  await page.keyboard.press('n')
  await until(async () => (await statuses()).includes('爆款单品 open'))
  const made = await sql<{ no: string }>`select no from wave order by id desc limit 1`.execute(db)
  await openWave(made.rows[0]?.no ?? '')
  await appears(panel.getByText('没人领'))
  await page.keyboard.press('p')
  await appears(page.getByText('5 单 5 件'))
  assert.deepEqual(await page.locator('.pick-paper tbody .paper-bin').allTextContents(), ['A-01', '5'])
  await page.getByRole('link', { name: '回波次' }).click()
  await panel.getByRole('button', { name: '领取' }).click()
  await panel.getByRole('button', { name: '按单拣齐…' }).click()
  const dialog = page.getByRole('dialog', { name: '按单拣齐' })
  await appears(dialog.getByText('有少的先到「去拣货」报少货'))
  await dialog.getByRole('button', { name: '按单拣齐', exact: true }).click()
  await until(async () => (await statuses()).includes('爆款单品 picked'))
  const lines = await sql<{ is: string }>`
    select concat_ws(' ', l.picked, l.done_at is not null) as is from wave_line l join wave w on w.id = l.wave_id
    where w.status = 'picked' and w.rule_name = '爆款单品'`.execute(db)
  assert.equal(lines.rows.length, 1)
  assert.match(lines.rows[0]?.is ?? '', /^5 t/)
  for (const { id } of three) assert.match((await delivery(id)) ?? '', /^picked/)
  assert.deepEqual(
    (await sql`select from wave_scan where wave_id = (select max(id) from wave)`.execute(db)).rows,
    [],
  )
  await panel.getByRole('button', { name: '交验货' }).click()
  await until(async () => !(await statuses()).includes('爆款单品 picked'))
  assert.deepEqual(chromium.faults, [])
})

/** Makes a wave of one new parcel with one piece. */
async function waveOfOne() {
  const last = await waits([[pillow, 1]], 50)
  await keeper.call('POST', '/api/deliveries/make-wave', { ids: [last.id] })
  const found = await sql<{
    id: string
  }>`select wave_id as id from wave_delivery where delivery_id = ${last.id}`.execute(db)
  return { id: found.rows[0]?.id ?? assert.fail(), last }
}

test('a wave whose last parcel was stopped, not picked, is ended on the phone', async () => {
  const { id, last } = await waveOfOne()
  await keeper.call('POST', '/api/waves/claim', { ids: [id], takeOver: false })
  const hold = { reason: 'ask_buyer', note: '', until: null } as const
  await db
    .transaction()
    .execute((tx) => holdOrders(tx, [last.orderId], hold, { actor: packer, scope: wholeScope }))
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${house.url}/phone/pick/${id}`)
  await appears(page.getByRole('heading', { name: '没有要拣的了' }))
  await page.getByRole('button', { name: '结束拣货' }).click()
  await appears(page.getByRole('heading', { name: '拣完了' }))
  await page.setViewportSize({ width: 1280, height: 800 })
  const ended = await sql`
    select w.status, m.left_reason as left from wave w join wave_delivery m on m.wave_id = w.id where w.id = ${id}`.execute(
    db,
  )
  assert.deepEqual(ended.rows, [{ status: 'done', left: 'stopped' }])
  assert.deepEqual(chromium.faults, [])
})

test('a wave that a colleague picks is named on the phone, and is picked on once it is taken over', async () => {
  const colleague = await house.as(await permissionsOf(db, '仓库'))
  const { id } = await waveOfOne()
  await colleague.call('POST', '/api/waves/claim', { ids: [id], takeOver: false })
  const of = async () =>
    (
      await sql<{ by: string; status: string }>`
        select claimed_by_id as by, status from wave where id = ${id}`.execute(db)
    ).rows[0]
  const before = await of()
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${house.url}/phone/pick`)
  await page
    .locator('.phone-waves button')
    .filter({ hasText: /在拣，已拣 0/ })
    .click()
  await appears(page.getByRole('heading', { name: / 在拣$/ }))
  assert.equal(await page.getByRole('button', { name: '整站拿齐' }).count(), 0, 'nothing is taken unasked')
  assert.deepEqual(await of(), before)
  await page.getByRole('button', { name: '接手' }).click()
  await page.getByRole('button', { name: '整站拿齐' }).click()
  await appears(page.getByRole('heading', { name: '拣完了' }))
  const after = await of()
  assert.notEqual(after?.by, before?.by)
  assert.equal(after?.status, 'picked')
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.deepEqual(chromium.faults, [])
})

test('the page opens on the warehouse that was looked at last, and on the first where it is gone', async () => {
  const other = await aWarehouse(db, 200)
  const choice = page.getByRole('combobox', { name: '仓库' })
  const opensOn = async (id: string) => {
    await page.goto(`${house.url}/waves`)
    await until(async () => (await choice.inputValue()) === id)
  }
  await opensOn(warehouseId)
  await choice.selectOption(other)
  await opensOn(other)
  await sql`update warehouse set active = false where id = ${other}`.execute(db)
  await opensOn(warehouseId)
})

test('with hundreds of waves the next page comes by a button, and the phone lists them all', async () => {
  await sql`
    insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by)
    select 'WX' || n, ${warehouseId}::bigint, '', 'none', 'open', 1, 1, '林晓' from generate_series(1001, 1450) n`.execute(
    db,
  )
  const known = await sql<{ all: number }>`select count(*)::int as all from wave`.execute(db)
  const rows = page.locator('.waves-main tbody tr')
  const more = page.getByRole('button', { name: '更多波次' })
  await page.goto(`${house.url}/waves?tab=all&warehouse=${warehouseId}`)
  await appears(more)
  assert.equal(await rows.count(), 200)
  await more.click()
  await until(async () => (await rows.count()) === 400)
  await more.click()
  await until(async () => (await rows.count()) === known.rows[0]?.all)
  assert.equal(await more.count(), 0)

  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${house.url}/phone/pick`)
  await until(async () => (await page.locator('.phone-waves button b', { hasText: 'WX' }).count()) === 450)
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.deepEqual(chromium.faults, [])
})
