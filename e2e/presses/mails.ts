import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { by } from './office.ts'
import type { Press, Seeded } from './press.ts'
import { is } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const can = ['reports.read'] as const

/** Presses for subscriptions of reports, by a person with just the permission for reports. */
export function mailPresses({ db, one }: PressHouse): Press[] {
  /** A subscription at this hour of the first of each month, by which its line is found. It is made for the first user, and given to who presses. */
  const at = async (hour: number): Promise<Seeded> => ({
    id: await one(sql`
      insert into report_subscription (user_id, report, row_kind, measure, every, hour, language)
      select min(id), 'sales', 'shop', 'paid', 'month', ${hour}, 'zh' from app_user returning id::text as is`),
    no: `每月 1 日 ${String(hour).padStart(2, '0')}:00`,
  })
  const mailed = async (hour: number, state: string): Promise<Seeded> => {
    const made = await at(hour)
    await sql`
      insert into report_mail (subscription_id, period, state, error) values (${made.id}::bigint, current_date, ${state}, 'no_mail_channel')`.execute(
      db,
    )
    return made
  }
  /** A threshold with this bound, by which its line is found. */
  const bound = async (percent: number): Promise<Seeded> => ({
    id: await one(sql`
      insert into report_threshold (user_id, figure, bound, least_count, hour, language)
      select min(id), 'refundRate', ${percent}, 20, 0, 'zh' from app_user returning id::text as is`),
    no: `退款率 > ${percent}% 时`,
  })
  const failedBound = async (percent: number): Promise<Seeded> => {
    const made = await bound(percent)
    await sql`
      insert into report_threshold_notice (threshold_id, day, shop_id, state, error, value, counted)
      values (${made.id}::bigint, current_date, 1, 'failed', 'no_robot', 12, 40)`.execute(db)
    return made
  }
  const myBound = ({ id }: Seeded, userId: string) =>
    sql`update report_threshold set user_id = ${userId}::bigint where id = ${id}::bigint`
  const mine = ({ id }: Seeded, userId: string) =>
    sql`update report_subscription set user_id = ${userId}::bigint where id = ${id}::bigint`
  const panel = async (page: Page) => {
    await page.getByRole('button', { name: /^订阅…/ }).click()
    return page.getByRole('region', { name: '订阅' })
  }
  const dialog = async (page: Page) => {
    await (await panel(page)).getByRole('button', { name: '新建订阅' }).click()
    return page.getByRole('dialog', { name: '新建订阅' })
  }
  const line = async (page: Page, { no = '' }: Seeded) =>
    (await panel(page)).getByRole('listitem').filter({ hasText: no })
  const toReports = () => '/reports'
  const toast = { tells: (page: Page) => page.locator('.toast') }
  return [
    by('POST /report-subscriptions', can, {
      ...{ seed: async () => ({ id: '0' }), at: toReports },
      button: async (page) => {
        const form = await dialog(page)
        await form.getByLabel('多久一次').selectOption('week')
        await form.getByLabel('几点', { exact: true }).selectOption('21')
        return form.getByRole('button', { name: '订阅', exact: true })
      },
      effect: () =>
        sql`select concat_ws(' ', report, every, hour, enabled) as is from report_subscription order by id desc limit 1`,
      is: 'sales week 21 t',
      ...toast,
    }),
    by('POST /report-subscriptions/switch', can, {
      ...{ seed: () => at(3), mine, at: toReports },
      button: async (page, seeded) => (await line(page, seeded)).getByRole('switch'),
      effect: is('report_subscription', 'enabled'),
      is: false,
    }),
    by('POST /report-subscriptions/again', can, {
      ...{ seed: () => mailed(4, 'failed'), mine, at: toReports },
      button: async (page, seeded) => {
        const own = await line(page, seeded)
        await own.getByText('告警通知里没有开着的邮件通道').waitFor()
        return own.getByRole('button', { name: '重发' })
      },
      effect: ({ id }) =>
        sql`select count(*)::int as is from report_mail where subscription_id = ${id}::bigint`,
      is: 0,
    }),
    by('POST /report-thresholds', can, {
      ...{ seed: async () => ({ id: '0' }), at: toReports },
      button: async (page) => {
        const form = await dialog(page)
        await form.getByLabel('什么时候发').selectOption('bound')
        await form.getByLabel('哪个数').selectOption('sales')
        await form.getByLabel('界限').fill('2,500.5')
        return form.getByRole('button', { name: '订阅', exact: true })
      },
      effect: () =>
        sql`select concat_ws(' ', figure, bound, least_count, hour, enabled) as is from report_threshold order by id desc limit 1`,
      is: 'sales 250050 0 18 t',
      ...toast,
    }),
    by('POST /report-thresholds/switch', can, {
      ...{ seed: () => bound(3), mine: myBound, at: toReports },
      button: async (page, seeded) => (await line(page, seeded)).getByRole('switch'),
      effect: is('report_threshold', 'enabled'),
      is: false,
    }),
    by('POST /report-thresholds/again', can, {
      ...{ seed: () => failedBound(4), mine: myBound, at: toReports },
      button: async (page, seeded) => {
        const own = await line(page, seeded)
        await own.getByText('告警通知里这个群机器人关了或删了').waitFor()
        return own.getByRole('button', { name: '重发' })
      },
      effect: ({ id }) =>
        sql`select state as is from report_threshold_notice where threshold_id = ${id}::bigint`,
      is: 'due',
    }),
  ]
}
