import type { Actor, Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { assertInScope } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { TemplateInput, TemplateOut } from './contract.ts'
import { fitted, mayStandOn } from './paper-rules.ts'
import {
  deleteTemplate,
  insertTemplate,
  lockTemplate,
  storedTemplates,
  updateTemplate,
} from './template-queries.ts'

type By = { actor: Actor; scope: Scope; request: { ip: string; id: string } }

/** Returns the templates for every shop and those that are for a shop of the scope. */
export async function templatesFor(db: Database, scope: Scope): Promise<TemplateOut[]> {
  const shops = scope.shops === 'all' ? undefined : new Set(scope.shops)
  const mine = (ids: readonly string[]) => (shops ? ids.filter((id) => shops.has(id)) : [...ids])
  return (await storedTemplates(db)).flatMap((row) =>
    row.shopIds.length === 0 || mine(row.shopIds).length > 0
      ? [{ ...fitted(row), shopIds: mine(row.shopIds) }]
      : [],
  )
}

/**
 * Saves a template. Throws `conflict` if another user changed it meanwhile, `outside_scope` for a shop that the user may not see, or for
 * every shop if the user sees only some.
 */
export async function saveTemplate(
  tx: Tx,
  input: TemplateInput,
  { actor, scope, request }: By,
): Promise<{ id: string; version: number }> {
  assertMay(scope, input.shopIds)
  assertStands(input)
  if (input.id !== undefined) {
    const stored = await lockTemplate(tx, input.id)
    if (!stored) throw new AppError('not_found', { what })
    assertMay(scope, stored.shopIds)
    if (stored.version !== input.version || stored.kind !== input.kind)
      throw new AppError('conflict', { what })
  }
  const saved =
    input.id === undefined
      ? await insertTemplate(tx, input, actor.name)
      : await updateTemplate(tx, input, actor.name)
  if (!saved) throw new AppError('conflict', { what })
  const { kind, name } = input
  const subject = { type: 'paper_template', id: saved.id }
  await audit(tx, { actor, action: 'paper_template.save', subject, detail: { kind, name }, request })
  return saved
}

export async function removeTemplate(tx: Tx, id: string, { actor, scope, request }: By): Promise<void> {
  const stored = await lockTemplate(tx, id)
  if (!stored) throw new AppError('not_found', { what })
  assertMay(scope, stored.shopIds)
  const { kind, name } = stored
  await deleteTemplate(tx, { id, kind })
  const subject = { type: 'paper_template', id }
  await audit(tx, { actor, action: 'paper_template.remove', subject, detail: { kind, name }, request })
}

/** A template for every shop is changed only by users who see every shop. */
function assertMay(scope: Scope, shopIds: readonly string[]): void {
  if (shopIds.length === 0 && scope.shops !== 'all') throw new AppError('outside_scope', {}, 'shopIds')
  assertInScope(scope, shopIds, 'shopIds')
}

function assertStands({ kind, options }: TemplateInput): void {
  const may = mayStandOn(kind)
  const once = (keys: readonly string[], known: readonly string[]) =>
    new Set(keys).size === keys.length && keys.every((key) => known.includes(key))
  const keysOf = (all: readonly { key: string }[]) => all.map(({ key }) => key)
  if (!once(keysOf(options.fields), may.fields)) throw new AppError('invalid_input', {}, 'fields')
  if (!once(keysOf(options.columns), may.columns)) throw new AppError('invalid_input', {}, 'columns')
}

const what = { zh: '打印模板', en: 'Print template' }
