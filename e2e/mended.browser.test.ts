import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { convertTrades } from '../server/flows/convert-trade.ts'
import { numberFreed } from '../server/flows/jobs.ts'
import { aLine, aTrade, type IntakeFixture, matchGoods, stage, tradeOf } from '../server/intake/testing.ts'
import { createOrders } from '../server/orders/create/create.ts'
import { usualChecks } from '../server/orders/review/confirm-settings.ts'
import { testApp } from '../server/testing/app.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { giveShopTasks, jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures, rowsOf } from './browser.ts'

const house = await testApp()
await createQueues(house.db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db, ring } = house
const boss = await house.as(['*'])
const actor = { kind: 'user', id: boss.userId, name: '林晓' } as const
const shop = await sql<{ id: string }>`
  insert into shop (platform, variant, name, go_live_at, auth_state) values ('taobao', 'tmall', '山隅家居旗舰店', '2026-01-01', 'live')
  returning id`.execute(db)
const shopId = shop.rows[0]?.id ?? ''
await matchGoods(db, shopId)
const warehouses = [await aWarehouse(db), await aWarehouse(db)]
const page = await chromium.open(`${house.url}/users`, boss)
pictureFailures(() => page)
const dialog = page.getByRole('dialog')

test('an administrator grants warehouses, and the list says how many', async () => {
  const other = await house.as(['inventory.read'])
  const names = await sql<{ name: string }>`select name from warehouse order by id`.execute(db)
  await sql`update app_user set name = '仓管小周' where id = ${other.userId}`.execute(db)
  await sql`insert into user_role (user_id, role_id) select ${boss.userId}, id from role where builtin = 'admin'`.execute(
    db,
  )
  await sql`
    insert into user_credential (account_id, provider_id, user_id, password)
    values (${boss.userId}, 'credential', ${boss.userId}, 'x')`.execute(db)
  await page.reload()
  await rowsOf(page).filter({ hasText: '仓管小周' }).click()
  await dialog.getByRole('combobox', { name: '仓库' }).selectOption('some')
  await dialog.getByLabel(names.rows[0]?.name ?? 'none', { exact: true }).check()
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await appears(rowsOf(page).filter({ hasText: '仓管小周' }).getByText('1 个'))
  const seen = Object((await other.call('GET', '/api/warehouses')).body).rows
  assert.deepEqual([seen.length, warehouses.includes(seen[0].id)], [1, true])
})

test('a trade whose number was typed in says by which order, and one act converts it instead', async () => {
  const pool: IntakeFixture = { db, ring, shopId, [Symbol.asyncDispose]: async () => {} }
  const trade = aTrade({ lines: [aLine({ itemId: '65237', skuId: '487' })] })
  await stage(pool, trade)
  const receiver = {
    name: '李小龙',
    mobile: '13911112222',
    province: '广东省',
    city: '佛山市',
    address: '大良 1 号',
  }
  const input = {
    key: 'typed-in-1',
    shopId,
    outerNo: trade.tid,
    receiver,
    lines: [{ code: 'SY-7', quantity: 1, priceFen: 100 }],
  }
  const made = await db
    .transaction()
    .execute((tx) => createOrders(tx, ring, [input], { actor, scope: wholeScope }))
  const ids = [(await tradeOf(pool, trade.tid))?.id ?? '']
  await db.transaction().execute((tx) => convertTrades(tx, ids, { actor, scope: wholeScope }))

  await page.goto(`${house.url}/staged-trades?tab=blocked`)
  const row = rowsOf(page).first()
  await appears(row.getByText('有同号的手工或导入单'))
  await appears(row.getByText(made[0]?.no ?? 'none'))
  await row.click()
  await page.keyboard.press('Enter')
  await page.locator('.drawer').getByRole('button', { name: '作废同号单并转单' }).click()
  await dialog
    .last()
    .getByRole('button', { name: /作废同号单并转单/ })
    .click()
  await appears(page.getByText('以交易为准，正在转单'))
  const told = await sql<{ data: unknown }>`select data from job where name = ${numberFreed.name}`.execute(db)
  await numberFreed.run(
    { db, log: pino({ level: 'silent' }) },
    told.rows.map(({ data }) => data),
  )
  const orders = await sql<{
    is: string
  }>`select origin || ' ' || status as is from sales_order order by id`.execute(db)
  assert.deepEqual(
    orders.rows.map(({ is }) => is),
    ['manual voided', 'trade unconfirmed'],
  )
})

test('an order that its own person locked says what stops it, which is not their lock', async () => {
  const { rows } = Object((await boss.call('GET', '/api/orders?tab=unconfirmed')).body)
  const ids = [rows[0].id]
  assert.equal((await boss.call('POST', '/api/orders/hold', { ids, reason: 'risk' })).status, 200)
  assert.equal((await boss.call('POST', '/api/orders/lock', { ids })).status, 200)
  await page.goto(`${house.url}/orders?tab=all&ids=${ids[0]}`)
  await appears(rowsOf(page).getByText('风险', { exact: true }).first())
  assert.equal(await rowsOf(page).getByText('已锁定').count(), 0)
})

test('who may not book extra refunds is told so, and no form opens that would be refused', async () => {
  const clerk = await chromium.open(`${house.url}/orders?tab=all`, await house.as(['orders.read']))
  const { rows } = Object((await boss.call('GET', '/api/orders?tab=unconfirmed')).body)
  await clerk.goto(`${house.url}/orders?tab=all&open=${rows[0].id}&do=extra&refundNo=R1`)
  await appears(clerk.locator('.toast', { hasText: '没有权限' }))
  assert.equal(await clerk.locator('.dialog').count(), 0)
  await clerk.context().close()
})

test('who may not see refunds reads their numbers on an order, without a way that would turn them away', async () => {
  const { rows } = Object((await boss.call('GET', '/api/orders?tab=unconfirmed')).body)
  const told = async (permissions: readonly ('orders.read' | 'refunds.read')[]) => {
    const clerk = await chromium.open(`${house.url}/orders?tab=all`, await house.as(permissions))
    // The server's answer for a refund that was paid before the trade was converted.
    await clerk.route(/\/api\/orders\/\d+$/, async (route) => {
      const answer = await route.fetch()
      const order = Object(await answer.json())
      await route.fulfill({ json: { ...order, earlierRefunds: [{ refundNo: '77001', amountFen: 100 }] } })
    })
    await clerk.goto(`${house.url}/orders?tab=all&open=${rows[0].id}`)
    await appears(clerk.locator('.drawer').getByText('77001'))
    const links = await clerk.locator('.drawer a', { hasText: '77001' }).count()
    await clerk.context().close()
    return links
  }
  assert.equal(await told(['orders.read', 'refunds.read']), 1)
  assert.equal(await told(['orders.read']), 0)
})

test('an order says nothing of its write-back to a person who may not read deliveries', async () => {
  const { rows } = Object((await boss.call('GET', '/api/orders?tab=unconfirmed')).body)
  const said = async (permissions: readonly ('orders.read' | 'fulfilment.read')[]) => {
    const clerk = await chromium.open(`${house.url}/orders?tab=all`, await house.as(permissions))
    await clerk.goto(`${house.url}/orders?tab=all&open=${rows[0].id}`)
    await appears(clerk.locator('.drawer').getByText('关联单据'))
    await clerk.waitForLoadState('networkidle')
    const found = await clerk.locator('.drawer').getByText('发货后自动回写').count()
    await clerk.context().close()
    return found
  }
  assert.equal(await said(['orders.read', 'fulfilment.read']), 1)
  assert.equal(await said(['orders.read']), 0)
})

test('who may only see shops can press nothing that authorises them', async () => {
  const clerk = await chromium.open(`${house.url}/shops/${shopId}`, await house.as(['shops.read']))
  for (const name of ['验证', '粘贴 SessionKey…'])
    assert.equal(await clerk.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name)
  await clerk.context().close()
})

test('where there are several shops, a download asks which one', async () => {
  await sql`
    insert into shop (platform, variant, name, go_live_at, auth_state) values ('taobao', 'taobao', '青禾家居', '2026-01-01', 'live')`.execute(
    db,
  )
  const connector = connectors.find(({ id }) => id === 'taobao') ?? assert.fail()
  await db.transaction().execute((tx) => giveShopTasks(tx, { id: shopId }, connector))
  await page.goto(`${house.url}/staged-trades?do=download`)
  const form = page.getByRole('dialog', { name: '下载订单' })
  await form.getByLabel('单号').fill('9100000000000000001')
  const act = form.getByRole('button', { name: '下载 1 个单号' })
  assert.equal(await form.getByLabel('店铺').inputValue(), '')
  assert.equal(await act.getAttribute('aria-disabled'), 'true')
  await form.getByLabel('店铺').selectOption(shopId)
  assert.equal(await act.getAttribute('aria-disabled'), null)
  const [begun] = await Promise.all([page.waitForResponse(/\/staged-trades\/download$/), act.click()])
  const { runId } = Object(await begun.json())
  // The run is followed to its end, even if the form was changed and other runs were started meanwhile.
  await form.getByLabel('店铺').selectOption({ label: '淘宝 · 青禾家居' })
  await form.getByText('按时间').click()
  await sql`
    insert into task_run (task_id, kind, shop_id, trigger, state, ended_at)
    select task_id, kind, shop_id, trigger, 'done', now() from task_run, generate_series(1, 25) where id = ${runId}`.execute(
    db,
  )
  await sql`update task_run set state = 'done', seen = 1, created = 1, ended_at = now() where id = ${runId}`.execute(
    db,
  )
  await appears(form.getByText('取到 1，新增 1，更新 0'))
  await page.keyboard.press('Escape')
})

test('a bill is imported into no shop that the user did not choose', async () => {
  await page.goto(`${house.url}/bill-trades`)
  await page.getByRole('button', { name: '导入账单' }).click()
  const form = page.getByRole('dialog', { name: '导入账单' })
  await form.getByLabel('选择文件').setInputFiles({
    name: 'bill.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('流水号,订单号,时间,金额\n'),
  })
  const act = form.getByRole('button', { name: '导入', exact: true })
  assert.equal(await form.getByLabel('店铺').inputValue(), '')
  assert.equal(await act.getAttribute('aria-disabled'), 'true')
  await form.getByLabel('店铺').selectOption(shopId)
  assert.equal(await act.getAttribute('aria-disabled'), null)
  await page.keyboard.press('Escape')
})

test('saving the settings of a shop keeps what is withheld at its relay, and what others have changed', async () => {
  const made = await boss.call('POST', '/api/relays', { name: '云上' })
  assert.equal(made.status, 201)
  await sql`update shop set relay_id = (select id from relay) where id = ${shopId}`.execute(db)
  const settings = async () =>
    (await sql<{ settings: object }>`select settings from shop where id = ${shopId}`.execute(db)).rows[0]
      ?.settings ?? {}
  await page.goto(`${house.url}/shops/${shopId}`)
  const unpaid = page.getByLabel('未付款也可转，订单等付款')
  await appears(unpaid)
  const saved = page.waitForResponse(
    (answer) => answer.request().method() === 'PATCH' && answer.url().endsWith(`/api/shops/${shopId}`),
  )
  // A controlled check shows the tick once the server has it.
  await page.getByLabel('收件人电话').click()
  await saved
  await page.locator('input:checked:not([disabled])').first().waitFor()
  const other = await boss.call('PATCH', `/api/shops/${shopId}`, { settings: { requestsPerSecond: 7 } })
  assert.equal(other.status, 200)
  await unpaid.check()
  const section = page.getByRole('region', { name: '设置' })
  await section.getByRole('button', { name: '保存' }).click()
  await appears(page.locator('.toast', { hasText: '已保存' }))
  const now = { withheld: ['phone'], requestsPerSecond: 7, convertUnpaid: true }
  assert.deepEqual({ ...(await settings()), ...now }, await settings())
  await unpaid.uncheck()
  await section.getByRole('button', { name: '保存' }).click()
  await page.locator('.toast', { hasText: '已保存' }).nth(1).waitFor()
  assert.deepEqual({ ...(await settings()), ...now, convertUnpaid: false }, await settings())
  await sql`update shop set relay_id = null where id = ${shopId}`.execute(db)
})

test('a buyer who was shown is not shown under the next trade or order', async () => {
  const pool: IntakeFixture = { db, ring, shopId, [Symbol.asyncDispose]: async () => {} }
  await stage(pool, aTrade({}), aTrade({}))
  const drawer = page.locator('.drawer')
  const opened = (id: string) => page.waitForURL((url) => url.searchParams.get('open') === id)
  for (const at of ['/staged-trades?tab=all', '/orders?tab=all']) {
    await page.goto(`${house.url}${at}`)
    const [list] = at.split('?')
    await rowsOf(page).nth(1).waitFor()
    await rowsOf(page).first().click()
    await page.keyboard.press('Enter')
    const show = drawer.getByRole('button', { name: '显示', exact: true })
    await appears(show)
    const first = new URL(page.url()).searchParams.get('open') ?? assert.fail()
    const title = drawer.locator('h2').first()
    const [one = ''] = [await title.textContent()]
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.searchParams.get('open') !== first)
    const second = new URL(page.url()).searchParams.get('open') ?? assert.fail()
    await title.filter({ hasNotText: one ?? '' }).waitFor()
    await appears(show)
    await page.keyboard.press('k')
    await opened(first)
    await title.filter({ hasText: one ?? '' }).waitFor()
    await show.click()
    await goes(show)
    await page.keyboard.press('j')
    await opened(second)
    await appears(show)
    assert.equal(await drawer.getByText(/王小明|李小龙/).count(), 0, list)
  }
})

test('that a row has gone is said only of one that was there', async () => {
  let answer: () => void = () => undefined
  const held = new Promise<void>((settle) => {
    answer = settle
  })
  await page.route(/\/api\/parked-items\?/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${house.url}/parked-items?open=7`)
  const drawer = page.locator('.drawer')
  await appears(drawer.getByRole('heading', { name: '异常数据' }))
  assert.equal(await drawer.getByText(/不在/).count(), 0, 'nothing is known yet')
  answer()
  await appears(drawer.getByText('不在已载入的列表里'))
  assert.equal(await drawer.getByText('已经读懂').count(), 0, 'nobody knows that it was read')
  await page.unroute(/\/api\/parked-items\?/)
})

test('that one row has gone is not said of the next that is opened', async () => {
  const seen = '2026-01-01T00:00:00Z'
  const row = {
    id: '7',
    shopId,
    kind: 'trade',
    platformId: '90071',
    documentId: null,
    reason: 'unreadable',
    times: 1,
  }
  const rows = [{ ...row, firstSeen: seen, lastSeen: seen, settledAt: null }]
  await page.route(/\/api\/parked-items\?/, (route) => route.fulfill({ json: { rows, next: null } }))
  await page.goto(`${house.url}/parked-items?open=7`)
  const drawer = page.locator('.drawer')
  await appears(drawer.getByText('90071'))
  await page.evaluate(() => history.pushState({}, '', '/parked-items?open=8'))
  await appears(drawer.getByText('不在已载入的列表里'))
  assert.equal(await drawer.getByText('已经读懂').count(), 0, 'that one was never there')
  await page.unroute(/\/api\/parked-items\?/)
})

test('an order that could not be held is not called held, and one that was is', async () => {
  const found = await sql<{ id: string; status: string }>`
    select id, status from sales_order where status in ('voided', 'unconfirmed') order by status`.execute(db)
  const ids = found.rows.map(({ id }) => id)
  assert.deepEqual(
    found.rows.map(({ status }) => status),
    ['unconfirmed', 'voided'],
  )
  let told = [...ids]
  await page.route(/\/api\/overview$/, async (route) => {
    const answer = await route.fetch()
    const words = { zh: '已退款仍未拦截', en: 'Still shipping' }
    const alarm = {
      id: 'refunded_unheld',
      kind: 'refunded_unheld',
      tone: 'bad',
      since: null,
      ids: told,
      title: words,
      detail: words,
      act: { zh: '拦下', en: 'Hold' },
      remedy: 'hold_orders',
      to: '/orders',
    }
    await route.fulfill({ json: { ...Object(await answer.json()), alarms: [alarm] } })
  })
  await page.goto(`${house.url}/`)
  const act = page.locator('[data-action="hold-refunded"]')
  await act.click()
  await appears(page.locator('.toast', { hasText: '1 单已挂起' }))
  await appears(page.locator('.toast', { hasText: '已作废，不能挂起' }))
  // One of the two is not on hold, so the button is enabled again once the answer was read.
  await appears(page.locator('[data-action="hold-refunded"]:not([aria-disabled="true"])'))
  told = ids.slice(0, 1)
  await page.locator('[data-action="hold-refunded"][aria-disabled="true"]').waitFor({ timeout: 30_000 })
  await page.mouse.move(0, 0)
  await act.hover()
  await appears(page.getByText('已经拦下'))
  await page.unroute(/\/api\/overview$/)
})

test('the way to connect a first shop is shown to whoever may connect one', async () => {
  const linksOf = async (permissions: readonly ('overview.read' | 'shops.read' | 'shops.write')[]) => {
    const person = await chromium.open(`${house.url}/account`, await house.as(permissions))
    await person.route(/\/api\/coverage/, (route) => route.fulfill({ json: { rows: [] } }))
    await person.goto(`${house.url}/`)
    await appears(person.getByText('还没有店铺。'))
    const links = await person.getByRole('link', { name: '接入第一家店铺' }).count()
    await person.context().close()
    return links
  }
  assert.equal(await linksOf(['overview.read', 'shops.read']), 0)
  assert.equal(await linksOf(['overview.read', 'shops.read', 'shops.write']), 1)
})

test('a check that is newer than the rules is called new', async () => {
  const { cod: _, ...known } = usualChecks
  const rules = JSON.stringify([{ name: '平日', enabled: true, from: null, to: null, checks: known }])
  await sql`insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}, ${rules}::jsonb, '林晓')`.execute(
    db,
  )
  await page.goto(`${house.url}/confirm-rules?shop=${shopId}`)
  const fresh = page.getByRole('listitem').filter({ hasText: '货到付款' })
  await appears(fresh.getByText('新，按默认执行'))
  await page.getByRole('button', { name: '保存' }).click()
  await goes(page.getByText('新，按默认执行'))
})

test('a picture that does not load is the first character of its goods, and one that does is drawn', async () => {
  await sql`update sku set picture_url = ''`.execute(db)
  const [gone, here] = [`${house.url}/pictures/gone.png`, `${house.url}/pictures/here.png`]
  const add = (code: string, name: string, pictureUrl: string) =>
    boss.call('POST', '/api/skus', { rows: [{ code, name, pictureUrl }] })
  assert.equal((await add('PIC-GONE', '蒲团', gone)).status, 200)
  assert.equal((await add('PIC-HERE', '靠垫', here)).status, 200)
  await page.route('**/pictures/gone.png', (route) => route.fulfill({ status: 404 }))
  const dot =
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
  await page.route('**/pictures/here.png', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: dot }),
  )
  await page.goto(`${house.url}/products`)
  const row = (code: string) => rowsOf(page).filter({ hasText: code })
  await appears(row('PIC-GONE').locator('span.thumb').getByText('蒲'))
  assert.equal(await row('PIC-GONE').locator('img').count(), 0)
  const width = await row('PIC-HERE')
    .locator('img.thumb')
    .evaluate((image: HTMLImageElement) => image.naturalWidth)
  assert.equal(width, 8)
})

test('one tick takes all permissions of an area, or none; a built-in role has no such tick', async () => {
  await page.goto(`${house.url}/roles`)
  await appears(page.getByRole('row').filter({ hasText: '内置' }))
  await page.keyboard.press('n')
  const area = dialog.getByRole('group', { name: '库存', exact: true })
  await appears(area)
  const boxes = area.getByRole('checkbox')
  const state = () =>
    boxes.evaluateAll((found) =>
      found.map((box) =>
        box instanceof HTMLInputElement ? (box.indeterminate ? 'some' : String(box.checked)) : '',
      ),
    )
  const some = (await state()).length
  assert.ok(some > 3)
  await boxes.nth(1).check()
  assert.deepEqual((await state()).slice(0, 3), ['some', 'true', 'false'])
  await boxes.first().click()
  assert.deepEqual(new Set(await state()), new Set(['true']))
  await dialog.getByLabel('名称', { exact: true }).fill('盘点')
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  const given = await sql<{ is: number }>`
    select cardinality(permissions) as is from role where name = '盘点'`.execute(db)
  assert.deepEqual(given.rows, [{ is: some - 1 }])
  await page.getByRole('row').filter({ hasText: '盘点' }).getByRole('button').click()
  assert.deepEqual(new Set(await state()), new Set(['true']))
  await boxes.first().uncheck()
  assert.deepEqual(new Set(await state()), new Set(['false']))
  await page.keyboard.press('Escape')
  await page.getByRole('row').filter({ hasText: '内置' }).first().getByRole('button').click()
  await appears(area)
  assert.equal(await dialog.getByLabel('库存：全部').count(), 0)
  await page.keyboard.press('Escape')
})

test('rules that are none yet have nothing to save', async () => {
  const save = page.getByRole('button', { name: '保存' })
  for (const [at, none] of [
    ['/gift-rules', '还没有赠品规则'],
    ['/choice-rules', '还没有规则'],
  ] as const) {
    await page.goto(`${house.url}${at}`)
    await appears(page.getByText(none, { exact: true }))
    assert.equal(await save.count(), 0, at)
    await page.keyboard.press('n')
    await appears(save)
  }
})

test('a dialog that destroys shows the key that does it, and Enter alone does not', async () => {
  const order = await sql<{ id: string; no: string }>`
    select id, no from sales_order where status = 'unconfirmed' limit 1`.execute(db)
  const { id = '', no = '' } = order.rows[0] ?? {}
  const status = async () =>
    (await sql<{ status: string }>`select status from sales_order where id = ${id}`.execute(db)).rows[0]
      ?.status
  await page.goto(`${house.url}/orders?tab=all&open=${id}`)
  await page.locator('.drawer-foot [data-action="/orders/void"]').click()
  const asks = page.getByRole('dialog', { name: /^作废/ })
  await asks.getByRole('textbox').fill('买家不要了')
  assert.equal(await asks.locator('.button.danger .keycap').textContent(), 'Ctrl Enter')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(200)
  assert.equal(await status(), 'unconfirmed')
  await page.keyboard.press('Control+Enter')
  await goes(asks)
  assert.equal(await status(), 'voided', no)
})

test('the theme is one of three, chosen by arrow keys and Enter', async () => {
  await page.goto(`${house.url}/users`)
  page.on('dialog', (asks) => void asks.accept())
  await page.getByRole('banner').locator('[aria-haspopup="menu"]').last().click()
  const themes = page.getByRole('group', { name: '外观' }).getByRole('menuitemradio')
  const chosen = () =>
    themes.evaluateAll((found) => found.map((each) => each.getAttribute('aria-checked')).join())
  // The menu is loaded when it is opened.
  await appears(themes)
  assert.equal(await chosen(), 'true,false,false')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), '深色')
  await page.keyboard.press('Enter')
  assert.equal(await chosen(), 'false,true,false')
  assert.equal(await page.evaluate(() => document.documentElement.dataset['theme']), 'dark')
  assert.equal(await page.getByRole('menuitemcheckbox').count(), 0)
  assert.deepEqual(chromium.faults, [])
})
