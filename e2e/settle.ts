import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { House } from './day-house.ts'

type Task = { id: string; kind: string; shopId: string | null }

export async function tasksOf(house: House): Promise<Task[]> {
  const { body } = await house.boss.call('GET', '/api/tasks')
  return rowsOf<Task>(body)
}

/** Seconds from one run to the next in a compressed day, by the kind of task. */
const compressed: Readonly<Record<string, number>> = {
  trade_list: 1,
  trade_detail: 1,
  refund_list: 1,
  trade_catch_up: 6,
  auto_convert_trades: 2,
  auto_convert_refunds: 3,
}

/**
 * Gives every task a short interval for a compressed day, through the API. Called before a worker starts: a first load that has begun reads a
 * month of the platforms, of which all but two days are empty.
 */
export const hurry = (house: House): Promise<void> => setTasks(house, compressed)

/** As `hurry`, with these intervals in seconds; the other tasks keep the product's own. */
export async function setTasks(house: House, seconds: Readonly<Record<string, number>>): Promise<void> {
  const autoShop = house.shops[1]?.id
  for (const task of await tasksOf(house)) {
    const everySeconds = seconds[task.kind]
    const isAuto = task.kind.startsWith('auto_convert_') && task.shopId === autoShop
    const patch = {
      ...(everySeconds === undefined ? {} : { schedule: { everySeconds } }),
      ...(isAuto ? { enabled: true } : {}),
      ...paramsOf(task.kind, isAuto),
    }
    if (Object.keys(patch).length === 0) continue
    const { status, body } = await house.boss.call('PATCH', `/api/tasks/${task.id}`, patch)
    if (status !== 204) throw new Error(`task ${task.kind}: ${status} ${JSON.stringify(body)}`)
  }
}

function paramsOf(kind: string, auto: boolean) {
  if (kind === 'auto_convert_trades') return { params: { minutesAfterPayment: 0 } }
  if (kind === 'auto_convert_refunds') return { params: { allStatuses: auto } }
  // The simulator's past is two days long.
  return kind === 'trade_list' || kind === 'refund_list' ? { params: { firstLoadDays: 3 } } : {}
}

/**
 * Lets everything come to rest: ends faults and new events, authorises the shops again, lets our actions change the platforms, moves the clock
 * by minutes (some platforms show changes late), then runs catch-up and reconciliation until nothing waits. Returns what is not at rest in time.
 */
export async function settle(house: House, timeoutMs: number): Promise<string[]> {
  await house.control('rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  await house.control('DELETE faults')
  await endLeases(house)
  await everyHour(house, 'trade_catch_up')
  await house.start('worker')
  for (const shop of house.shops) await authoriseAgain(house, shop)
  await untilActionsAreSent(house)
  for (let round = 1; ; round += 1) {
    const last = new Date(house.sandbox.world.clock.now())
    const since = await minutesLater(house)
    if (round === 1) await runAll(house, ['trade_catch_up', 'reconciliation'])
    const waiting = await untilNothingWaits(house, last, Date.now() + timeoutMs / round)
    if (waiting.length > 0 || round === 3 || !(await hasTold(house, since))) return waiting
  }
}

/** Moves the clock, so that every change of the platforms so far is in their lists. Returns the database's time after that. */
async function minutesLater(house: House): Promise<Date> {
  await endLeases(house)
  await house.advance(200_000)
  const found = await sql<{ now: Date }>`select now() as now`.execute(house.db)
  await house.start('worker')
  for (const shop of house.shops) await authoriseAgain(house, shop)
  return found.rows[0]?.now ?? new Date()
}

/** True if an action has changed a platform since then; its lists may show that later only. */
async function hasTold(house: House, since: Date): Promise<boolean> {
  const told = await sql`
    select from platform_action where ended_at > ${since} and kind not like 'waybill.%' and state in ('succeeded', 'unknown') limit 1`.execute(
    house.db,
  )
  return told.rows.length > 0
}

async function untilNothingWaits(house: House, last: Date, deadline: number): Promise<string[]> {
  for (;;) {
    await whatComesLaterIsDueNow(house)
    const waiting = [...(await behind(house.db, last)), ...(await whatWaits(house.db))]
    if (waiting.length === 0) return []
    if (Date.now() > deadline) return waiting
    await sleep(500)
  }
}

/** Stops the worker; then leases of a killed worker's actions can end at once instead of in a minute. */
async function endLeases(house: House): Promise<void> {
  await house.stop('worker')
  await sql`update platform_action set lease_until = now() where lease_until > now()`.execute(house.db)
}

/** Waits for actions. If they ended after the clock was moved, the platforms' lists would show their changes too late. */
async function untilActionsAreSent(house: House): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(200)) {
    await whatComesLaterIsDueNow(house)
    const open = await sql`select from platform_action where state in ('pending', 'sending') limit 1`.execute(
      house.db,
    )
    if (open.rows.length === 0) return
  }
}

/** A task of a few seconds in twelve shops runs in one of them at any moment, so that on a slow machine no moment is at rest. */
async function everyHour(house: House, kind: string): Promise<void> {
  for (const task of await tasksOf(house)) {
    if (task.kind !== kind) continue
    const patch = { schedule: { everySeconds: 3600 } }
    const { status, body } = await house.boss.call('PATCH', `/api/tasks/${task.id}`, patch)
    if (status !== 204) throw new Error(`task ${kind}: ${status} ${JSON.stringify(body)}`)
  }
}

async function runAll(house: House, kinds: readonly string[]): Promise<void> {
  for (const task of await tasksOf(house)) {
    if (!kinds.includes(task.kind)) continue
    const { status, body } = await house.boss.call('POST', `/api/tasks/${task.id}/run`, {})
    if (status !== 202) throw new Error(`run ${task.kind}: ${status} ${JSON.stringify(body)}`)
  }
}

/** Authorises a shop with an expired session as its owner does: consent page, code, callback; or 验证. */
export async function authoriseAgain(house: House, shop: House['shops'][number]): Promise<void> {
  const { body } = await house.boss.call('GET', `/api/shops/${shop.id}`)
  if (!JSON.stringify(body).includes('"authState":"expired"')) return
  const asked = await house.boss.call('POST', `/api/shops/${shop.id}/authorize`, {})
  // A platform without a consent page is asked whose credentials these are.
  if (asked.status !== 200) {
    const { status, body: answer } = await house.boss.call('POST', `/api/shops/${shop.id}/verify`, {})
    if (status !== 200) throw new Error(`verifying ${shop.key}: ${status} ${JSON.stringify(answer)}`)
    return
  }
  await consent(textOf(asked.body, 'url'), house.sandbox.url, shop.key)
}

/** Agrees on the consent page of a platform, as the owner of the shop does. */
export async function consent(url: string, sandboxUrl: string, shopKey: string): Promise<void> {
  // Each platform names the parameters of its page in its own way; the form on it has what the platform wants back.
  const page = await (await fetch(url)).text()
  const grant = new URL('/authorize/grant', sandboxUrl)
  for (const [, name = '', value = ''] of page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g))
    grant.searchParams.set(name, value.replaceAll('&amp;', '&'))
  grant.searchParams.set('shop', shopKey)
  const back = await fetch(grant, { redirect: 'manual' })
  const answer = await fetch(back.headers.get('location') ?? '')
  if (!answer.ok) throw new Error(`authorising ${shopKey}: ${answer.status} ${await answer.text()}`)
}

/** Jobs by which orders learn what became of their goods. One that failed during a fault is tried again later. */
const ofOrders = sql`(name like 'orders.%' or name = 'inventory.fill')`

/** Makes everything due that waits for its next try. */
export async function whatComesLaterIsDueNow(house: House): Promise<void> {
  const { db } = house
  await sql`
    update shop_gate set ban_until = null, away_since = null, probe_at = null
    where ban_until is not null or away_since is not null`.execute(db)
  await sql`update trade_fetch set next_at = now() where next_at > now()`.execute(db)
  await sql`update platform_action set next_at = now() where next_at > now()`.execute(db)
  await sql`update job set start_after = now() where ${ofOrders} and state in ('created', 'retry') and start_after > now()`.execute(
    db,
  )
  await sql`update task set next_run_at = now() where next_run_at > now() and kind in ('trade_list', 'refund_list', 'trade_detail') and enabled`.execute(
    db,
  )
}

/** The lists of platforms that are not read up to this moment. */
export async function behind(db: House['db'], last: Date): Promise<string[]> {
  const found = await sql<{ what: string }>`
    select concat_ws(' ', 'cursor', s.platform, c.stream, c.complete_to) as what
    from stream_cursor c join shop s on s.id = c.shop_id
    where c.stream <> 'trades_first' and c.complete_to < ${last}`.execute(db)
  return found.rows.map(({ what }) => what)
}

/** What is on its way: an empty list means that all is at rest that was read. */
export async function whatWaits(db: House['db']): Promise<string[]> {
  const found = await sql<{ what: string }>`
    select 'queue ' || tid as what from download_queue q
      where not exists (select 1 from parked_item p where p.platform_id = q.tid and p.shop_id = q.shop_id)
    union all select 'fetch ' || tid || ' ' || error from trade_fetch f where exists (
      select 1 from staged_trade t where t.id = f.trade_id and not exists (
        select 1 from parked_item p where p.platform_id = t.tid and p.shop_id = t.shop_id))
    union all select concat_ws(' ', 'mark', m.tid, t.state, t.modified_at, t.detail_at, f.tries, f.error, f.next_at, f.lease_until, q.modified_at)
      from removed_mark m left join staged_trade t on t.tid = m.tid and t.shop_id = m.shop_id left join trade_fetch f on f.trade_id = t.id
      left join download_queue q on q.tid = m.tid and q.shop_id = m.shop_id
      where not exists (select 1 from parked_item p where p.platform_id = m.tid and p.shop_id = m.shop_id)
    union all select concat_ws(' ', 'run', kind, state, s.platform, pages, seen, requests) from task_run r left join shop s on s.id = r.shop_id where state in ('queued', 'running') and kind in ('trade_catch_up', 'reconciliation', 'trade_pull', 'refund_pull')
    union all select 'batch ' || no || ' ' || state from batch where state in ('running', 'stopping')
    union all select concat_ws(' ', 'action', id, kind, state, attempt, error_code, error) from platform_action a
      where state = 'sending' or (state = 'unknown' and next_at is not null)
        or (state = 'pending' and not exists (select from platform_action b where b.subject_id = a.subject_id and b.id < a.id and b.state = 'unknown'))
    union all select concat_ws(' ', 'job', name, state) from job where ${ofOrders} and state in ('created', 'retry', 'active')
    union all select 'refund detail ' || refund_no from staged_refund where detail_missing
    union all select concat_ws(' ', 'cursor', s.platform, c.stream, c.complete_to) from stream_cursor c join shop s on s.id = c.shop_id
      where c.stream = 'trades_first' and c.complete_to < date_trunc('second', s.created_at)
    union all select 'shop ' || name || ' ' || auth_state from shop where auth_state <> 'live'`.execute(db)
  return found.rows.map((row) => row.what)
}

export function rowsOf<Row>(body: unknown): Row[] {
  if (typeof body !== 'object' || body === null || !('rows' in body) || !Array.isArray(body.rows)) return []
  return body.rows
}

export function textOf(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null) return ''
  return String(Reflect.get(body, name) ?? '')
}
