import { sql } from 'kysely'
import type { TObject } from 'typebox'
import Value from 'typebox/value'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { assertInScope } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { type CheckName, checkNames, checks } from './checks.ts'

/** For each check by name: whether the rule applies it, and its parameters. */
export type CheckSettings = Record<string, Record<string, unknown> & { on: boolean }>
export type ConfirmRule = {
  name: string
  enabled: boolean
  from: string | null
  /** End of the time in which the rule is in force, exclusive; null: no end. */
  to: string | null
  checks: CheckSettings
}
export type ShopRules = {
  shopId: string
  rules: ConfirmRule[]
  /**
   * Names of checks that are newer than the stored rules. Until the rules are saved again, these checks apply with the settings of a new
   * rule.
   */
  fresh: string[]
  version: number
  updatedBy: string
  updatedAt: Date | null
}

export const usualChecks: CheckSettings = parseChecks({})

/** Returns complete settings, with defaults for everything left out. Throws `invalid_input` with the field's name. */
export function parseChecks(raw: Record<string, unknown>): CheckSettings {
  const unknown = Object.keys(raw).find((name) => !checkNames.some((known) => known === name))
  if (unknown !== undefined)
    throw new AppError('invalid_input', { detail: `checks.${unknown}` }, `checks.${unknown}`)
  return Object.fromEntries(
    checkNames
      .filter((name) => !checks[name].always)
      .map((name) => {
        const { on: usual, params } = checks[name]
        const { on = usual, ...given } = asRecord(raw[name])
        if (typeof on !== 'boolean')
          throw new AppError('invalid_input', { detail: `checks.${name}.on` }, `checks.${name}.on`)
        return [name, { ...parse(params, given, name), on }]
      }),
  )
}

function parse(schema: TObject, raw: unknown, name: CheckName): Record<string, unknown> {
  const filled: unknown = Value.Default(schema, Value.Clone(raw))
  const known = new Set(Object.keys(schema.properties))
  const stray = Object.keys(asRecord(filled)).find((key) => !known.has(key))
  if (stray === undefined && Value.Check(schema, filled)) return asRecord(filled)
  const first = Value.Errors(schema, filled)[0]
  const field = `checks.${name}${stray === undefined ? (first?.instancePath ?? '') : `/${stray}`}`
  throw new AppError('invalid_input', { detail: `${field} ${first?.message ?? ''}` }, field)
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export async function rulesOf(db: Database | Tx, shopId: string): Promise<ShopRules> {
  return (await rulesOfShops(db, [shopId])).get(shopId) ?? noRules(shopId)
}

const noRules = (shopId: string) => ({
  shopId,
  rules: [],
  fresh: [],
  version: 0,
  updatedBy: '',
  updatedAt: null,
})

export async function rulesOfShops(
  db: Database | Tx,
  shopIds: readonly string[],
): Promise<Map<string, ShopRules>> {
  const found = await sql<
    Row<'confirm_rules', 'shopId' | 'version' | 'updatedBy' | 'updatedAt'> & Pick<ShopRules, 'rules'>
  >`
    select shop_id as "shopId", rules, version, updated_by as "updatedBy", updated_at as "updatedAt"
    from confirm_rules where shop_id = any(${[...shopIds]}::bigint[])`.execute(db)
  return new Map(
    found.rows.map((row) => [
      row.shopId,
      { ...row, rules: row.rules.map(complete), fresh: freshOf(row.rules) },
    ]),
  )
}

/** Fills in the defaults of checks and parameters that are newer than the stored rule. */
function complete(rule: ConfirmRule): ConfirmRule {
  const known = Object.entries(usualChecks).map(([name, usual]) => [name, { ...usual, ...rule.checks[name] }])
  return { ...rule, checks: { ...rule.checks, ...Object.fromEntries(known) } }
}

const freshOf = (rules: readonly ConfirmRule[]) =>
  Object.keys(usualChecks).filter((name) => rules.some((rule) => rule.checks[name] === undefined))

/** Returns the first enabled rule whose dates include `now`; undefined: no rule is in force. */
export function ruleInForce(rules: readonly ConfirmRule[], now: Date): ConfirmRule | undefined {
  return rules.find(
    ({ enabled, from, to }) =>
      enabled && (from === null || new Date(from) <= now) && (to === null || now < new Date(to)),
  )
}

/** Replaces a shop's rules. Throws `outside_scope`, `invalid_input`, and `conflict` if another user has saved them meanwhile. */
export async function saveRules(
  tx: Tx,
  wish: { shopId: string; rules: readonly ConfirmRule[]; version: number },
  { actor, scope, request }: { actor: Actor; scope: Scope; request: { ip: string; id: string } },
): Promise<void> {
  const { shopId, version } = wish
  assertInScope(scope, [shopId], 'shopId')
  const rules = JSON.stringify(wish.rules.map((rule) => ({ ...rule, checks: parseChecks(rule.checks) })))
  const written =
    version === 0
      ? await sql`
          insert into confirm_rules (shop_id, rules, updated_by)
          values (${shopId}::bigint, ${rules}::jsonb, ${actor.name})
          on conflict do nothing returning version`.execute(tx)
      : await sql`
          update confirm_rules
          set rules = ${rules}::jsonb, version = version + 1, updated_by = ${actor.name}, updated_at = now()
          where shop_id = ${shopId}::bigint and version = ${version} returning version`.execute(tx)
  if (written.rows.length === 0)
    throw new AppError('conflict', { what: { zh: '自动确认的规则', en: 'The list of rules' } })
  await audit(tx, {
    actor,
    action: 'confirm_rules.save',
    subject: { type: 'shop', id: shopId },
    shopId,
    detail: { rules: wish.rules.map((rule) => rule.name) },
    request,
  })
}
