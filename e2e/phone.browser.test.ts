import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { createQueues } from '../server/core/jobs/job.ts'
import { aWaitingDelivery, placeGoods } from '../server/fulfilment/waves/testing.ts'
import { permissionsOf, testApp } from '../server/testing/app.ts'
import { aShop } from '../server/testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures } from './browser.ts'

// The phone (仓库手机) in the role 仓库, by keyboard as scanner: looking up, putting away, counting, picking, and all of it offline.

const house = await testApp()
const { db } = house
await createQueues(db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const may = await permissionsOf(db, '仓库')
const keeper = await house.as(may)
const colleague = await house.as(may)
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db)
const [pillow = '', towel = '', candle = ''] = [
  await aSku(db, 'PILLOW'),
  await aSku(db, 'TOWEL'),
  await aSku(db, 'CANDLE'),
]
await placeGoods(db, warehouseId, [pillow, towel])
await sql`
  insert into bin (warehouse_id, code, route, created_by)
  select ${warehouseId}::bigint, code, 100, '' from unnest('{B-01,B-02,B-03}'::text[]) b (code)`.execute(db)
await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${pillow})`.execute(db)
for (const [skuId, pieces] of [
  [pillow, 10],
  [towel, 20],
  [candle, 5],
] as const)
  await putStock(db, warehouseId, skuId, pieces)
await sql`insert into put_away_due (warehouse_id, sku_id, quantity) values (${warehouseId}, ${candle}, 5)`.execute(
  db,
)
const parcel = await aWaitingDelivery(db, {
  ...{ shopId, warehouseId, hours: 3 },
  goods: [
    [pillow, 2],
    [towel, 1],
  ],
})

const looks = { width: 390, height: 844 }
const page = await chromium.open(`${house.url}/phone`, keeper, looks)
pictureFailures(() => page)
const scanOn = async (on: Page, code: string) => {
  const box = on.getByRole('textbox', { name: '扫码' })
  await box.fill(code)
  await box.press('Enter')
}
const scan = (code: string) => scanOn(page, code)
const verdict = (text: string | RegExp, on = page) =>
  appears(on.locator('.phone-news').filter({ hasText: text }))
const shows = (text: string | RegExp, on = page) => appears(on.getByText(text))
const press = (name: string | RegExp, on = page) => on.getByRole('button', { name }).click()
const open = async (path: string, heading: string, on = page) => {
  await on.goto(`${house.url}${path}`)
  await appears(on.getByRole('heading', { name: heading, level: 1 }))
}
const puts = async () =>
  (
    await sql<{ is: string }>`
      select concat_ws(' ', k.code, b.code, p.quantity) as is from put_away p join sku k on k.id = p.sku_id join bin b on b.id = p.bin_id order by p.id`.execute(
      db,
    )
  ).rows.map(({ is }) => is)
const counts = async () =>
  (
    await sql<{ is: string }>`
      select concat_ws(' ', t.id, e.line_no, e.round, e.quantity) as is from count_entry e join count_task t on t.id = e.task_id order by e.counted_at`.execute(
      db,
    )
  ).rows.map(({ is }) => is)
const picked = async () =>
  (
    await sql<{ is: string }>`
      select concat_ws(' ', k.code, p.picked) as is from wave_piece p join sku k on k.id = p.sku_id order by k.code`.execute(
      db,
    )
  ).rows.map(({ is }) => is)
const oneTask = async () =>
  (await sql<{ id: string }>`select max(id)::text as id from count_task`.execute(db)).rows[0]?.id ?? ''

test('the first page has the four works; whatever is scanned there is looked up', async () => {
  for (const name of ['拣货', '上架', '盘点', '查询']) await appears(page.getByRole('button', { name }))
  await scan('6901234567892')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  assert.equal(await page.locator('.phone-figures').textContent(), '在库12可用10缺货0')
  await scan('a-02')
  await shows('数是全仓的：库位不记数量')
  await scan(parcel.no)
  await appears(page.locator('.phone-state').filter({ hasText: '待取号' }))
  await scan('nothing')
  await shows('没有「nothing」')
})

test('goods that came in are put to a bin, which becomes theirs; a third bin asks which one it replaces', async () => {
  await open('/phone', '仓库手机')
  await press(/^.*上架/)
  await shows('待上架 1 种')
  await scan('CANDLE')
  await verdict('商品')
  await scan('B-01')
  await verdict('5 件 CANDLE → B-01')
  await scan('CANDLE')
  await verdict('商品')
  await scan('3')
  await press('多一件')
  await scan('B-02')
  await verdict('4 件 CANDLE → B-02')
  await scan('CANDLE')
  await verdict('商品')
  await scan('B-03')
  await verdict('主库位是 B-01，备库位是 B-02')
  await press('换备库位为 B-03')
  await verdict('1 件 CANDLE → B-03')
  await scan('WHAT')
  await verdict('没有商品 WHAT')
  assert.deepEqual(await puts(), ['CANDLE B-01 5', 'CANDLE B-02 4', 'CANDLE B-03 1'])
})

test('a count is blind; a difference is counted again by a colleague and becomes a draft', async () => {
  await open('/phone/count', '盘点')
  await scan('A-01')
  await scan('TOWEL')
  await press('开始盘 2 项')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  await scan('TOWEL')
  await verdict('不对，这是 TOWEL，要数 PILLOW')
  await scan('PILLOW')
  await scan('6901234567892')
  await appears(page.locator('.phone-count').filter({ hasText: '2' }))
  await press('退一位')
  for (const digit of ['1', '2'])
    await page.locator('.phone-keypad').getByText(digit, { exact: true }).click()
  await press('就是 12，下一种')
  await verdict('对得上')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-02' }))
  await scan('19')
  await page.getByRole('textbox', { name: '扫码' }).press('Enter')
  await verdict('和账上对不上，要数第二遍')
  await shows('第一遍是你数的，请别人数第二遍')
  const task = await oneTask()
  const other = await chromium.open(`${house.url}/phone/count/${task}`, colleague, looks)
  await shows('第 2 遍', other)
  await scanOn(other, '19')
  await press('就是 19，下一种', other)
  await shows(/差异成盘点单 CN\d+，待审核/, other)
  await other.context().close()
  const draft = await sql<{ is: string }>`
    select concat_ws(' ', d.status, k.code, l.quantity, l.book) as is from count_task t
    join stock_document d on d.id = t.document_id join stock_document_line l on l.document_id = d.id join sku k on k.id = l.sku_id
    where t.id = ${task}`.execute(db)
  assert.deepEqual(draft.rows, [{ is: 'draft TOWEL 19 21' }])
})

test('offline the pages open anew, scans are kept with words, and what asks about refunds or changes orders is refused', async () => {
  await sql`
    insert into wave_rule (warehouse_id, position, name, goods, orders_from, orders_to, sorting)
    values (${warehouseId}, 1, '多品', 'any', 1, 100, 'picking')`.execute(db)
  assert.equal((await keeper.call('POST', '/api/waves/plan', { warehouseId })).status, 200)
  await open('/phone/count', '盘点')
  await scan('A-01')
  await press('开始盘 1 项')
  await appears(page.locator('.phone-keypad'))
  const task = await oneTask()
  await open('/phone/put-away', '上架')
  await shows('刚上架')
  await open('/phone/pick', '拣货')
  await press(/W-\d+/)
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  const wave = new URL(page.url()).pathname
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  const stored = async () => JSON.stringify([await puts(), await counts(), await picked()])
  const before = await stored()
  await page.context().setOffline(true)

  await page.goto(`${house.url}${wave}`)
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-01' }))
  await press('少货')
  await press('报少 2 件')
  await verdict('离线不能报少货')
  await scan('PILLOW')
  await verdict('存在手机里')
  await scan('PILLOW')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-02' }))
  await shows('2 条待上传')
  await press('少货')
  await press(/报少 \d+ 件/)
  await verdict('还有 2 条没上传，上传完再报少货')
  await page.goto(`${house.url}/phone/count/${task}`)
  await appears(page.locator('.phone-keypad'))
  await scan('10')
  await press('就是 10，下一种')
  await shows('数完了，1 条待上传')
  await page.goto(`${house.url}/phone/put-away`)
  await shows('刚上架')
  await scan('TOWEL')
  await shows('离线，没核对：上传时核对')
  await scan('B-03')
  await verdict('存在手机里')
  await shows('4 条待上传')
  await page.goto(`${house.url}/phone/look-up?code=PILLOW`)
  await shows('离线查不了')
  assert.equal(await stored(), before)

  await page.context().setOffline(false)
  await goes(page.locator('.phone-strip'))
  assert.deepEqual((await puts()).slice(-1), ['TOWEL B-03 1'])
  assert.deepEqual((await counts()).slice(-1), [`${task} 1 1 10`])
  assert.deepEqual(await picked(), ['PILLOW 2', 'TOWEL 0'])
  const keys = await sql<{ is: number[] }>`
    select array[(select count(*) from phone_scan), (select count(*) from wave_scan)]::int[] as is`.execute(
    db,
  )
  // Two new counts, four counted places, four goods put away; two picks. Nothing twice.
  assert.deepEqual(keys.rows[0]?.is, [2 + 4 + 4, 2])
})

test('an answer that is lost on its way changes nothing: the scan is sent again and counts once', async () => {
  await open('/phone/put-away', '上架')
  await shows('刚上架')
  await scan('CANDLE')
  await verdict('商品')
  let lost = 0
  const lose = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || request.url !== '/api/put-away' || lost === 2) return
    lost += 1
    response.end = () => {
      request.socket.destroy()
      return response
    }
  }
  house.app.server.prependListener('request', lose)
  await scan('B-01')
  await until(async () => (await puts()).at(-1) === 'CANDLE B-01 1')
  await goes(page.locator('.phone-strip'))
  house.app.server.off('request', lose)
  assert.ok(lost > 0)
  assert.equal((await puts()).filter((is) => is === 'CANDLE B-01 1').length, 1)
})

test('a kept scan that is refused stays with the server’s words until it is read', async () => {
  await page.context().setOffline(true)
  await scan('TOWEL')
  await shows('离线，没核对：上传时核对')
  await scan('B-02')
  await verdict('存在手机里')
  await page.context().setOffline(false)
  await press('1 条没收下')
  const kept = page.getByRole('dialog', { name: '存在手机里的' })
  await appears(kept.getByText('上架 TOWEL × 1 → B-02'))
  await appears(kept.getByText('主库位是 A-02，备库位是 B-03'))
  await kept.getByRole('button', { name: '知道了，不再上传' }).click()
  await goes(page.locator('.phone-strip'))
})

test('the camera is asked for when its button is pressed, and what it reads is a scan', async () => {
  await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, 9, 9), 30)
    Object.assign(window, {
      asked: 0,
      BarcodeDetector: class {
        async detect() {
          return [{ rawValue: 'A-02' }]
        }
      },
    })
    navigator.mediaDevices.getUserMedia = async () => {
      Object.assign(window, { asked: Number(Reflect.get(window, 'asked')) + 1 })
      return canvas.captureStream()
    }
  })
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: '返回' }).click()
  await press(/^.*查询/)
  await shows('扫一个码，告诉你它在哪')
  const asked = () => page.evaluate(() => Reflect.get(window, 'asked'))
  assert.equal(await asked(), 0)
  await press('相机')
  await appears(page.locator('.phone-bin').filter({ hasText: 'A-02' }))
  assert.equal(await asked(), 1)
})

test('a newer version takes over by itself; the one before stays for pages that are open, and the first page loads anew', async () => {
  const cached = (text: string) =>
    page.waitForFunction(async (names) => (await caches.keys()).toSorted().join() === names, text)
  const [first = ''] = await page.evaluate(() => caches.keys())
  assert.match(first, /^phone-[0-9a-f]{12}$/)
  const { server } = house.app
  const emit = server.emit.bind(server)
  const body = String((await keeper.call('GET', '/phone-worker.js')).body)
  const serve = (version: string) => {
    server.emit = (event: string, ...given: unknown[]) => {
      const [request, response] = given as [IncomingMessage, ServerResponse]
      if (event !== 'request' || request.url !== '/phone-worker.js') return emit(event, ...given)
      response.setHeader('content-type', 'text/javascript').end(body.replace(first.slice(6), version))
      return true
    }
  }
  serve('000000000002')
  await page.goto(`${house.url}/phone/look-up`)
  await cached(['phone-000000000002', first].toSorted().join())
  serve('000000000003')
  await page.goto(`${house.url}/phone`)
  await page.waitForFunction(() => {
    const [loaded] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    return loaded?.type === 'reload'
  })
  await cached('phone-000000000002,phone-000000000003')
  await appears(page.getByRole('button', { name: '拣货' }))
  server.emit = emit
})

/** Until it is called, each answer to a request of this kind is late by these milliseconds. */
function lateAnswers(path: RegExp, ms: number): () => void {
  const late = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || !path.test(request.url ?? '')) return
    const end = response.end.bind(response)
    Object.assign(response, {
      end: (...given: Parameters<typeof end>) => {
        setTimeout(() => end(...given), ms)
        return response
      },
    })
  }
  house.app.server.prependListener('request', late)
  return () => house.app.server.off('request', late)
}

test('a second tap takes no place that was not seen, and digits for the next place stay while a count is on its way', async () => {
  await open('/phone/count', '盘点')
  for (const bin of ['A-01', 'A-02', 'B-01']) await scan(bin)
  await press('开始盘 3 项')
  await appears(page.locator('.phone-keypad'))
  const task = await oneTask()
  const prompt = lateAnswers(/count-tasks/, 700)
  await page.getByRole('button', { name: '空位' }).dblclick()
  await until(async () => (await counts()).at(-1) === `${task} 1 1 0`)
  for (const digit of ['1', '7'])
    await page.locator('.phone-keypad').getByText(digit, { exact: true }).click()
  await verdict(/和账上对不上|还有另一处/)
  await appears(page.getByRole('button', { name: '就是 17，下一种' }))
  prompt()
  assert.deepEqual(
    (await counts()).filter((is) => is.startsWith(`${task} `)),
    [`${task} 1 1 0`],
  )
})

test('the sound is switched off and on, and no page has failed', async () => {
  await press('声音')
  await appears(page.getByRole('button', { name: '声音', pressed: false }))
  await press('声音')
  await appears(page.getByRole('button', { name: '声音', pressed: true }))
  assert.deepEqual(chromium.faults, [])
})
