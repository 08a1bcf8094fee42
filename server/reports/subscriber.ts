import type { Actor, Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { robotsOn } from './deliver.ts'

/** Only a person has a mail address. */
export function userOf({ kind, id }: Pick<Actor, 'kind' | 'id'>): string {
  if (kind !== 'user')
    throw new AppError('forbidden', { permission: { zh: '订阅报表', en: 'Subscribe to reports' } })
  return id
}

/** Throws `outside_scope` for a shop that the user may not see; null: all shops of the user. */
export function assertInScope({ shops }: Scope, shop: string | null): void {
  if (shop !== null && shops !== 'all' && !shops.includes(shop))
    throw new AppError('outside_scope', {}, 'shop')
}

/** Throws `invalid_input` for a channel that is no robot of a group chat, or is off; null: by mail. */
export async function assertRobot(db: Database, channel: string | null): Promise<void> {
  if (channel !== null && !(await robotsOn(db)).some(({ id }) => id === channel))
    throw new AppError('invalid_input', { detail: 'channel' }, 'channel')
}
