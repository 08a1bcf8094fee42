import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { demoShops } from '../sandbox/demo-shops.ts'
import { until } from '../server/testing/until.ts'
import {
  addFilter,
  appears,
  goes,
  goToList,
  listIsReady,
  openBrowser,
  pictureFailures,
  rowsOf,
} from './browser.ts'
import { asked, openHouse, tasksOf } from './house.ts'

// Presses the buttons that the manual describes, with every task disabled.
const house = await openHouse({ trades: { 'shanyu-tmall': 0, 'yunqi-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const now = Math.floor(Date.now() / 1000)
const plain = {
  shop: 'shanyu-tmall',
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  message: '',
  memo: '',
  flag: 0,
}
async function made(body: Record<string, unknown>): Promise<string[]> {
  const answer = await house.control('trades', { ...plain, ...body })
  assert.ok(typeof answer === 'object' && answer !== null && 'tids' in answer && Array.isArray(answer.tids))
  return answer.tids.map(String)
}
const paid = await made({ count: 3, created: now - 7200, spreadSeconds: 60 })
const [unpaid = ''] = await made({ status: 'WAIT_BUYER_PAY', created: now - 6000, nick: '山里来的猫' })
await house.run('trade_list')

type Queued = { id: string; tid: string; buyerMasked: string; receiverMasked: string; status: string }
const queued = async (query = '') =>
  (await asked<{ rows: Queued[] }>(house.admin, 'GET', `/api/download-queue?limit=50${query}`)).rows
const stagedTids = async () =>
  (await asked<{ rows: { tid: string }[] }>(house.admin, 'GET', '/api/staged-trades?limit=50')).rows.map(
    ({ tid }) => tid,
  )

const page = await chromium.open(`${house.url}/download-queue`, house.admin)
pictureFailures(() => page)
const toast = (text: string | RegExp) => page.locator('.toast', { hasText: text })
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name, exact: true })
const goTo = (path: string) => goToList(page, house.url + path)

/** Repeats until the lists, which lag by some seconds, contain the refund. */
async function refunded(tid: string): Promise<void> {
  await house.control('refunds', { tid })
  await until(async () => {
    await Promise.all([house.run('refund_list'), house.run('trade_list')])
    const found = await sql`select from staged_refund where tid = ${tid}`.execute(house.db)
    return found.rows.length > 0
  }, 30_000)
}

test('the queue is filtered by each column it shows, in words and not in codes', async () => {
  await listIsReady(page)
  assert.equal(await rowsOf(page).count(), 4)
  assert.equal(await page.getByText('WAIT_').count(), 0, 'no code of the platform')
  await appears(rowsOf(page).getByText('待发货').first())
  const editor = await addFilter(page, '平台状态')
  await editor.getByRole('menuitemcheckbox', { name: '等待付款' }).click()
  await page.keyboard.press('Escape')
  await until(async () => (await rowsOf(page).count()) === 1)
  await appears(rowsOf(page).getByText(unpaid))
  const [row = assert.fail()] = await queued(`&tids=${unpaid}`)
  const only = async (query: string) => (await queued(query)).map(({ tid }) => tid)
  const sameMask = (key: 'buyerMasked' | 'receiverMasked') => async (rows: Queued[]) =>
    rows.filter((one) => one[key] === row[key]).map(({ tid }) => tid)
  const all = await queued()
  assert.deepEqual(
    await only(`&buyer=${encodeURIComponent(row.buyerMasked)}`),
    await sameMask('buyerMasked')(all),
  )
  assert.deepEqual(
    await only(`&receiver=${encodeURIComponent(row.receiverMasked)}`),
    await sameMask('receiverMasked')(all),
  )
  assert.deepEqual(await only('&buyer=没有这个人'), [])
  assert.deepEqual(await only('&status=paid'), paid.toSorted())
  assert.deepEqual(await only('&status=shipped'), [])
  assert.equal((await only('&type=normal')).length, 4)
  assert.deepEqual(await only('&type=presale'), [])
  assert.equal(await rowsOf(page).getByText('fixed').count(), 0, 'no code of the platform')
  assert.deepEqual(await only('&failed=true'), [])
  assert.equal((await only('&failed=false')).length, 4)
  const hour = new Date(Date.now() + 3_600_000).toISOString()
  assert.deepEqual(await only(`&modifiedFrom=${hour}`), [])
  assert.equal((await only(`&waitingTo=${hour}`)).length, 4)
})

test('下载 fetches what was pressed within seconds, and nothing else, while the task is off', async () => {
  const [task] = await tasksOf(house.admin, 'trade_detail')
  const off = await sql<{ enabled: boolean }>`select enabled from task where id = ${task?.id}`.execute(
    house.db,
  )
  assert.equal(off.rows[0]?.enabled, false)
  await goTo('/download-queue')
  const tid = (await queued()).find((row) => row.status === 'paid')?.tid ?? ''
  await rowsOf(page).filter({ hasText: tid }).getByRole('checkbox').click()
  await page.keyboard.press('d')
  await appears(toast('1 条正在下载'))
  await appears(toast('1 条已下载'), 15_000)
  assert.deepEqual(await stagedTids(), [tid])
  assert.deepEqual(
    (await queued()).map((row) => row.tid).sort(),
    [...paid, unpaid].filter((each) => each !== tid).sort(),
  )
  await toast('1 条已下载').getByRole('link', { name: '看交易' }).click()
  await page.waitForURL(/staged-trades/)
  await listIsReady(page)
  await appears(rowsOf(page).getByText(tid))
})

test('a detail that fails says so, and the queue keeps the rest', async () => {
  const before = await queued()
  const [row = assert.fail()] = before.filter(({ status }) => status === 'paid')
  await house.control('faults', {
    kind: 'http',
    status: 502,
    method: 'taobao.trade.fullinfo.get',
    count: 100,
  })
  await goTo('/download-queue')
  await rowsOf(page).filter({ hasText: row.tid }).getByRole('checkbox').click()
  await page.keyboard.press('d')
  await appears(toast(/下载失败/), 30_000)
  assert.equal(await toast('已下载').count(), 0)
  const tids = (rows: Queued[]) => rows.map(({ tid }) => tid).toSorted()
  assert.deepEqual(tids(await queued()), tids(before.filter(({ id }) => id !== row.id)))
  const waits = await sql<{ state: string; failed: boolean }>`
    select t.state, f.error <> '' as failed from staged_trade t join trade_fetch f on f.trade_id = t.id where t.tid = ${row.tid}`.execute(
    house.db,
  )
  assert.deepEqual(waits.rows, [{ state: 'fetching', failed: true }])
  house.sandbox.sandbox.board.faults = []
  // Its next try is due only later, but the following tests need it now.
  await sql`update trade_fetch set next_at = now()`.execute(house.db)
})

test('批量转订单 stands at the head without a selection, and acts on all that the filter matches after its count', async () => {
  await house.run('trade_detail')
  await goTo('/staged-trades')
  await until(async () => (await stagedTids()).length === 4)
  await page.reload()
  await listIsReady(page)
  assert.equal(await page.getByRole('region', { name: '批量操作' }).count(), 0)
  await page.getByRole('button', { name: '批量转订单' }).click()
  const question = dialog('转销售单 4 条')
  await appears(question.getByText('其中现在能做的 3 条'))
  await question.getByRole('button', { name: '转销售单 4 条' }).click()
  await appears(page.getByRole('region', { name: '批量操作' }).getByText('成功 3'), 20_000)
  const { rows } = await asked<{ rows: { tid: string }[] }>(house.admin, 'GET', '/api/orders?limit=50')
  assert.deepEqual(rows.map(({ tid }) => tid).sort(), paid.toSorted())
  assert.deepEqual(await stagedTids(), [unpaid], 'what is not paid stays')
})

test('部分退款 opens the order with the extra refund ready', async () => {
  await refunded(paid[0] ?? '')
  await page.goto(`${house.url}/staged-refunds`)
  await page.locator('.drawer-foot').getByRole('button', { name: '部分退款' }).click()
  await page.waitForURL(/\/orders\?.*open=/)
  const orders = await asked<{ rows: { id: string; no: string; tid: string }[] }>(
    house.admin,
    'GET',
    '/api/orders?limit=50',
  )
  const order = orders.rows.find(({ tid }) => tid === paid[0])
  await appears(page.getByRole('dialog', { name: `销售订单 ${order?.no}` }))
  const box = dialog(`额外退款 ${order?.no}`)
  await box.getByLabel('金额 ¥').fill('1.5')
  await box.getByLabel('原因').fill('包装破损')
  await box.getByRole('button', { name: '登记 ¥1.50' }).click()
  await goes(box)
  const booked = await sql<{ order_id: string; amount_fen: string; refund_no: string }>`
    select order_id, amount_fen, refund_no from extra_refund`.execute(house.db)
  assert.equal(booked.rows.length, 1)
  assert.deepEqual([booked.rows[0]?.order_id, booked.rows[0]?.amount_fen], [order?.id, '150'])
  assert.notEqual(booked.rows[0]?.refund_no ?? '', '')
  // The next payment is not begun from a refund, so it is linked to none.
  await page.keyboard.press('e')
  await box.getByLabel('金额 ¥').fill('2')
  await box.getByLabel('原因').fill('补偿')
  await box.getByRole('button', { name: '登记 ¥2.00' }).click()
  await goes(box)
  const next = await sql<{ refund_no: string }>`
    select refund_no from extra_refund where amount_fen = 200`.execute(house.db)
  assert.deepEqual(
    next.rows.map((row) => row.refund_no ?? ''),
    [''],
  )
})

test('on a trade that is no order yet 部分退款 says what to do first, and does it', async () => {
  const [tid = ''] = await made({ created: now - 900, buyer: 'x' })
  await refunded(tid)
  await house.run('trade_detail')
  await page.goto(`${house.url}/staged-refunds?tids=${tid}`)
  await page.locator('.drawer-foot').getByRole('button', { name: '部分退款' }).click()
  const box = dialog('先转单，再部分退款')
  await appears(box.getByText('交易未转为销售订单。先转单，再登记。'))
  await box.getByRole('button', { name: '转销售单' }).click()
  await appears(box.getByText('退款申请中').first())
})

test('批量转退单 stands at the head of the decisions as well', async () => {
  const count = async (where: ReturnType<typeof sql>) =>
    (
      await sql<{ n: number }>`select count(*)::int as n from staged_refund r where ${where}`.execute(
        house.db,
      )
    ).rows[0]?.n
  const convertible = sql`state = 'staged' and reason = ''`
  const [before = 0, done = 0] = [await count(convertible), await count(sql`state = 'converted'`)]
  assert.equal(before, 2)
  await page.goto(`${house.url}/staged-refunds`)
  await page.getByRole('button', { name: '批量转退单' }).click()
  const question = dialog(/^转退单 \d+ 条$/)
  await question.getByRole('button', { name: /^转退单 \d+ 条$/ }).click()
  await appears(toast(`成功 ${before}`), 20_000)
  assert.deepEqual([await count(convertible), await count(sql`state = 'converted'`)], [0, done + before])
})

test('a task of a kind exists twice under its own name, narrowed to a status, and moves no coverage', async () => {
  await page.goto(`${house.url}/tasks?as=tasks&tab=trade_list`)
  const row = page.getByRole('row').filter({ hasText: '山隅家居旗舰店' })
  await row.getByRole('button', { name: '再加一个…' }).click()
  const add = dialog(/^再加一个 交易下载/)
  await add.getByLabel('名称').fill('只看待发货')
  await add.getByRole('button', { name: '加上' }).click()
  await goes(add)
  const own = page.getByRole('row').filter({ hasText: '只看待发货' })
  await own.getByRole('button', { name: '修改…' }).click()
  const change = dialog(/^交易下载 · 只看待发货/)
  await change.getByLabel('只下载这个状态的').selectOption({ label: '已付款待发货' })
  await change.getByRole('button', { name: '保存' }).click()
  await goes(change)
  const [task = assert.fail()] = (
    await asked<{ rows: { id: string; name: string; params: { status: string } }[] }>(
      house.admin,
      'GET',
      '/api/tasks?kind=trade_list',
    )
  ).rows.filter(({ name }) => name === '只看待发货')
  assert.equal(task.params.status, 'paid')
  const marks = () =>
    sql<{ stream: string; complete_to: Date }>`
      select stream, complete_to from stream_cursor where shop_id = ${house.shops['shanyu-tmall']} and stream in ('trades', 'trades_first')
      order by stream`.execute(house.db)
  const before = (await marks()).rows
  const [paidOne = ''] = await made({ created: now - 30 })
  const [unpaidOne = ''] = await made({ created: now - 20, status: 'WAIT_BUYER_PAY' })
  // The list lags by some seconds.
  await new Promise((settle) => setTimeout(settle, 3000))
  const { runId } = await asked<{ runId: string }>(house.admin, 'POST', `/api/tasks/${task.id}/run`, {})
  await until(async () => {
    const found = await sql<{
      state: string
      error: string
    }>`select state, error from task_run where id = ${runId}`.execute(house.db)
    assert.notEqual(found.rows[0]?.state, 'failed', found.rows[0]?.error)
    return found.rows[0]?.state === 'done'
  }, 30_000)
  const tids = (await queued()).map(({ tid }) => tid)
  assert.ok(tids.includes(paidOne), JSON.stringify([tids, paidOne, unpaidOne]))
  assert.ok(!tids.includes(unpaidOne), 'of another status')
  assert.deepEqual((await marks()).rows, before, 'the marks of coverage')
  await page.reload()
  await page.getByRole('row').filter({ hasText: '只看待发货' }).getByRole('button', { name: '删除' }).click()
  await dialog('删除任务 只看待发货').getByRole('button', { name: '删除' }).click()
  await goes(page.getByRole('row').filter({ hasText: '只看待发货' }))
  const again = await house.admin.call('DELETE', `/api/tasks/${task.id}`)
  assert.equal(again.status, 404)
  const shopsOwn = await tasksOf(house.admin, 'trade_list')
  assert.equal((await house.admin.call('DELETE', `/api/tasks/${shopsOwn[0]?.id}`)).status, 409)
})

test('a shop is connected with a session key alone', async () => {
  const shop = demoShops.find(({ key }) => key === 'yunqi-tmall')
  const shopId = house.shops['yunqi-tmall'] ?? ''
  await sql`update shop set token = null, token_expires_at = null, auth_state = 'none' where id = ${shopId}`.execute(
    house.db,
  )
  await page.goto(`${house.url}/shops/${shopId}`)
  await appears(page.getByText('未授权').first())
  await page.getByRole('button', { name: '粘贴 SessionKey…' }).click()
  const box = dialog('用 SessionKey 接入')
  await box.getByLabel('SessionKey').fill('not-the-right-session')
  await box.getByRole('button', { name: '验证并接入' }).click()
  await appears(box.locator('.note.bad'))
  const still = await sql<{ token: Buffer | null }>`select token from shop where id = ${shopId}`.execute(
    house.db,
  )
  assert.equal(still.rows[0]?.token, null, 'a key that the platform refuses is not kept')
  await box.getByLabel('SessionKey').fill(shop?.sessionKey ?? '')
  await box.getByRole('button', { name: '验证并接入' }).click()
  await appears(toast(/^验证通过/))
  await goes(box)
  await appears(page.getByText('已连接').first())
  const live = await sql<{ auth_state: string; token_expires_at: Date | null }>`
    select auth_state, token_expires_at from shop where id = ${shopId}`.execute(house.db)
  assert.deepEqual([live.rows[0]?.auth_state, live.rows[0]?.token_expires_at], ['live', null])
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
