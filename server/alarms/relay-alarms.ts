import { sql } from 'kysely'
import { scopeSql } from '../core/access/scope.ts'
import type { NotNull, Row } from '../core/db/rows.ts'
import { type Asked, listed, type Told } from './alarm-words.ts'

/** Seconds without a request for work after which a relay raises an alarm. */
const silentSeconds = 120

type Silent = Row<'relay', 'id' | 'name'> & Record<'since', Date> & Record<'shopIds' | 'shopNames', string[]>

/** Returns an alarm for each relay that does not ask for work although enabled shops are called through it. Until it does, their calls fail. */
export async function relayAlarms({ db, scope }: Asked): Promise<Told[]> {
  const found = await sql<NotNull<Silent>>`
    select r.id, r.name, coalesce(r.heard_at, r.created_at) as since,
      array_agg(s.id::text order by s.id) as "shopIds", array_agg(s.name order by s.id) as "shopNames"
    from relay r join shop s on s.relay_id = r.id and s.enabled
    where coalesce(r.heard_at, r.created_at) < now() - make_interval(secs => ${silentSeconds})
      and ${scopeSql(scope, sql.ref('s.id'))}
    group by r.id order by r.id limit 20`.execute(db)
  return found.rows.map(({ id, name, since, shopIds, shopNames }) => {
    const names = listed(shopNames)
    return {
      ...{ id: `relay_silent:${id}`, kind: 'relay_silent', tone: 'bad', since },
      ...{ count: shopIds.length, ids: shopIds.slice(0, 200) },
      shopId: shopIds.length === 1 ? (shopIds[0] ?? null) : null,
      title: {
        zh: `中继「${name}」没有来取任务：${names.zh}`,
        en: `The relay “${name}” does not ask for work: ${names.en}`,
      },
      detail: {
        zh: '这些店铺的下载和回写都在等它，不会丢也不会重复；到那台机器上看它是否在运行、能否连到这里',
        en: 'Downloads and write-backs of these shops wait for it; nothing is lost or done twice. See on its machine whether it runs and reaches us',
      },
      ...{ remedy: 'see_shop', act: { zh: '看中继', en: 'See the relays' }, to: '/shops/relays' },
    }
  })
}
