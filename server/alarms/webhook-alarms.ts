import { sql } from 'kysely'
import type { NotNull, Row } from '../core/db/rows.ts'
import { subscriptionScope } from '../webhooks/subscription-queries.ts'
import type { Asked, Told } from './alarm-words.ts'

type Failing = Row<'webhook_subscription', 'id' | 'name' | 'state'> & Record<'since', Date>

/** Returns an alarm for each subscription that stopped by itself, and for each whose program took nothing for an hour. */
export async function webhookAlarms({ db, scope }: Asked): Promise<Told[]> {
  const found = await sql<NotNull<Failing>>`
    select s.id, s.name, s.state, case when s.state = 'stopped' then s.state_at else s.failed_since end as since
    from webhook_subscription s
    where ${subscriptionScope(scope)}
      and (s.state = 'stopped' or (s.state = 'on' and s.failed_since < now() - interval '1 hour'))
    order by s.id limit 20`.execute(db)
  return found.rows.map(({ id, name, state, since }) => {
    const stopped = state === 'stopped'
    return {
      ...{ id: `webhook_failing:${id}`, kind: 'webhook_failing', tone: stopped ? 'bad' : 'warn', since },
      ...{ count: 1, ids: [id], shopId: null },
      title: stopped
        ? {
            zh: `事件推送「${name}」已停：接收程序一直不收`,
            en: `The webhook “${name}” is stopped: its program takes nothing`,
          }
        : { zh: `事件推送「${name}」发不出去`, en: `The webhook “${name}” is not delivered` },
      detail: {
        zh: '事件都留着，不会丢；接收程序修好后按恢复，会按顺序补发',
        en: 'Events are kept, none is lost. Let it go on once its program works again, and they follow in order',
      },
      ...{ remedy: 'see_webhooks', act: { zh: '看事件推送', en: 'See the webhooks' }, to: '/webhooks' },
    }
  })
}
