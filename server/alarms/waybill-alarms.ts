import { sql } from 'kysely'
import { couriers } from '../connectors/couriers.ts'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { type Asked, figure, listed, shortNo, type Told } from './alarm-words.ts'

/** Returns the alarms about waybill accounts: numbers that a source gave and we do not have, and labels that it no longer offers. */
export async function waybillAlarms({ db, scope }: Asked): Promise<Told[]> {
  const surplus = (await surplusCounts(db, scope)).map((one): Told => {
    const named = listed(one.numbers.map(shortNo), one.deliveries)
    const place = `${courierOf(one.courier).zh} ${one.branchName}`.trim()
    const placeEn = `${courierOf(one.courier).en} ${one.branchName}`.trim()
    const n = figure(one.surplus)
    return {
      id: `waybills_surplus:${one.id}`,
      kind: 'waybills_surplus',
      tone: 'warn',
      since: one.countedAt,
      shopId: one.shopId,
      count: one.surplus,
      ids: one.deliveryIds.slice(0, 200),
      title: {
        zh: `${place}多出 ${n} 个电子面单号`,
        en: `${placeEn}: ${n} waybill ${n === '1' ? 'number' : 'numbers'} too many`,
      },
      detail: {
        zh: `平台记 ${one.given} 个，我们有 ${one.ours} 个。${one.deliveries > 0 ? `取过两次的：${named.zh}；` : ''}到平台后台退回`,
        en: `The source counts ${one.given}, we have ${one.ours}. ${one.deliveries > 0 ? `Asked for twice: ${named.en}. ` : ''}Give them back on its pages`,
      },
      remedy: one.deliveries > 0 ? 'see_deliveries' : 'see_waybill_accounts',
      act: one.deliveries > 0 ? { zh: '看发货单', en: 'See them' } : { zh: '看账号', en: 'See accounts' },
      to:
        one.deliveries > 0
          ? `/deliveries?tab=all&ids=${one.deliveryIds.slice(0, 200).join(',')}`
          : '/waybill-accounts',
    }
  })
  const gone = (await goneLabels(db, scope)).map(({ id, shopId, courier, templateName, at }): Told => {
    const { zh, en } = courierOf(courier)
    return {
      id: `label_gone:${id}`,
      kind: 'label_gone',
      tone: 'warn',
      since: at,
      shopId,
      title: { zh: `${zh}的面单模板没有了`, en: `The label of ${en} is gone` },
      detail: {
        zh: `平台不再提供「${templateName}」，新号可能打不出来`,
        en: `The source no longer offers “${templateName}”; new numbers may not print`,
      },
      remedy: 'see_waybill_accounts',
      act: { zh: '去换模板', en: 'Go and choose another' },
      to: '/waybill-accounts',
    }
  })
  return [...surplus, ...gone]
}

const courierOf = (code: string) => couriers.find((one) => one.code === code) ?? { zh: code, en: code }

type Surplus = Row<
  'waybill_count',
  'id' | 'shopId' | 'courier' | 'branchName' | 'countedAt' | 'given' | 'ours' | 'surplus' | 'deliveryIds'
> & { deliveries: number; numbers: string[] }

/** A surplus is shown for three days: the count does not learn that a person has settled it with the platform. */
async function surplusCounts(db: Database, scope: Scope): Promise<Surplus[]> {
  const found = await sql<Surplus>`
    select id, shop_id as "shopId", courier, branch_name as "branchName", counted_at as "countedAt", given, ours, surplus,
      delivery_ids as "deliveryIds", cardinality(delivery_ids) as deliveries,
      array(select d.no from delivery d where d.id = any(delivery_ids[1:2]) order by d.id) as numbers
    from waybill_count c where surplus > 0 and counted_at > now() - interval '3 days' and ${scopeSql(scope, sql.ref('c.shop_id'))}
    order by counted_at, id limit 50`.execute(db)
  return found.rows
}

async function goneLabels(
  db: Database,
  scope: Scope,
): Promise<(Row<'waybill_account', 'id' | 'shopId' | 'courier' | 'templateName'> & { at: Date | null })[]> {
  const found = await sql<
    Row<'waybill_account', 'id' | 'shopId' | 'courier' | 'templateName'> & { at: Date | null }
  >`
    select id, shop_id as "shopId", courier, template_name as "templateName", template_gone_at as at from waybill_account a
    where enabled and template_gone_at is not null and ${scopeSql(scope, sql.ref('a.shop_id'))} order by id limit 50`.execute(
    db,
  )
  return found.rows
}
