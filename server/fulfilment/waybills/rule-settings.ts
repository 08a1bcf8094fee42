import { sql } from 'kysely'
import { waybillSources } from '../../carriers/index.ts'
import { couriers } from '../../connectors/couriers.ts'
import { type Actor, type Scope, wholeScope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { wrong } from '../../core/lists/define-query.ts'
import { AppError } from '../../errors.ts'
import { warehouseNames } from '../../inventory/relations.ts'
import { accountsOf } from './account-queries.ts'
import { faultOf, ownOrders, type WaybillRule } from './account-rules.ts'
import { onlyShopOf, printableBy } from './choose-account.ts'
import type { WaybillRules } from './rule-contract.ts'
import { raiseVersion, replaceRules, rulesHead, storedRules } from './rule-queries.ts'

/** The platforms that have a source of waybill numbers. */
const platforms = [...new Set(waybillSources.flatMap((source) => source.platforms))]

/** Returns the rules with the accounts of the granted shops. A rule names an account of another shop by its id only. */
export async function readWaybillRules(db: Database, scope: Scope): Promise<WaybillRules> {
  // The version first: whoever reads an older version with newer rules is refused, and loses nothing.
  const head = await rulesHead(db)
  const rules = await storedRules(db)
  return {
    ...head,
    rules,
    platforms,
    warehouses: await warehousesOf(db),
    accounts: await ruleAccounts(db, scope),
  }
}

async function warehousesOf(db: Database | Tx): Promise<WaybillRules['warehouses']> {
  const found = await sql<Row<'warehouse', 'id' | 'name' | 'active'>>`
    select id, name, active from ${warehouseNames} w order by active desc, id`.execute(db)
  return found.rows
}

async function ruleAccounts(db: Database | Tx, scope: Scope): Promise<WaybillRules['accounts']> {
  return (await accountsOf(db, scope)).map(
    ({ id, shopId, source, courier, branchName, warehouseId, enabled }) => ({
      ...{ id, shopId, source, courier, branchName, warehouseId, enabled },
      sourceName: waybillSources.find((one) => one.id === source)?.name ?? { zh: source, en: source },
      platforms: printableBy(source),
      onlyShopId: onlyShopOf({ source, shopId }),
    }),
  )
}

/**
 * Replaces the rules. They apply to every shop, so a user with a limited scope is refused (`outside_scope`). Throws `invalid_input` with
 * the field's name, `rule_…` with the code of its fault for a rule that could never decide, and `conflict` if another user has saved
 * meanwhile.
 */
export async function saveWaybillRules(
  tx: Tx,
  { rules, version }: { rules: readonly WaybillRule[]; version: number },
  { actor, scope, request }: { actor: Actor; scope: Scope; request: { ip: string; id: string } },
): Promise<void> {
  if (scope.shops !== 'all') throw new AppError('outside_scope')
  await checkRules(tx, rules)
  if (!(await raiseVersion(tx, version, actor.name)))
    throw new AppError('conflict', { what: { zh: '取号规则', en: 'The list of rules for waybill numbers' } })
  await replaceRules(tx, rules)
  await audit(tx, {
    ...{ actor, request, action: 'waybill_rules.save', subject: { type: 'waybill_rules', id: 'all' } },
    detail: { rules: rules.map(inShort) },
  })
}

const inShort = ({ platform, courier, warehouseId, accountId, enabled }: WaybillRule) =>
  `${platform || '*'} ${courier || '*'} ${warehouseId ?? '*'} → ${accountId}${enabled ? '' : ' (off)'}`

async function checkRules(tx: Tx, rules: readonly WaybillRule[]): Promise<void> {
  const accounts = new Map((await ruleAccounts(tx, wholeScope)).map((account) => [account.id, account]))
  const warehouses = new Set((await warehousesOf(tx)).map(({ id }) => id))
  for (const [at, { platform, courier, warehouseId }] of rules.entries()) {
    if (!['', ownOrders, ...platforms].includes(platform)) wrong(`rules.${at}.platform`)
    if (courier !== '' && !couriers.some(({ code }) => code === courier)) wrong(`rules.${at}.courier`)
    if (warehouseId !== null && !warehouses.has(warehouseId)) wrong(`rules.${at}.warehouseId`)
    const found = faultOf(rules, at, accounts)
    if (found) throw new AppError(`rule_${found.fault}`, { n: at + 1, why: found.message }, `rules.${at}`)
  }
}
