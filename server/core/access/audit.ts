import { sql } from 'kysely'
import type { Tx } from '../db/db.ts'
import type { Actor } from './actor.ts'

export type AuditEntry = {
  actor: Actor
  /** `thing.verb`: user.create, trade.reveal, sign_in.fail … */
  action: string
  subject: { type: string; id: string }
  shopId?: string | undefined
  /** Names of fields, codes and counts. Must not contain a buyer's data, a secret or a password. */
  detail?: Record<string, unknown> | undefined
  request?: { ip: string; id: string } | undefined
}

/** Writes the audit rows in the transaction of the action itself, so that neither is stored without the other. */
export async function audit(tx: Tx, ...entries: AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ actor, action, subject, shopId, detail, request }) => ({
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: actor.name,
    action,
    subject_type: subject.type,
    subject_id: subject.id,
    shop_id: shopId ?? null,
    detail: detail ?? {},
    ip: request?.ip ?? '',
    request_id: request?.id ?? '',
  }))
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id, shop_id, detail, ip, request_id)
    select actor_kind, actor_id, actor_name, action, subject_type, subject_id, shop_id, detail, ip, request_id
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
      actor_kind text, actor_id text, actor_name text, action text, subject_type text, subject_id text,
      shop_id bigint, detail jsonb, ip text, request_id text)
  `.execute(tx)
}
