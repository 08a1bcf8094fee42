import type { LocalizedPair } from '../../../server/lib/localized-text.ts'
import { post } from '../api.ts'
import type { Answer } from '../api-routes.ts'

/** The scans that a phone may keep while it is offline. Work that has to ask about refunds is not among them. */
type Scans = {
  pick: {
    sent: { waveId: string; seq: number; pieces: number }
    answer: Answer<'POST', '/waves/:id/pick'>
  }
  putAway: {
    sent: { warehouseId: string; code: string; bin: string; pieces: number; as?: 'main' | 'spare' }
    answer: Answer<'POST', '/put-away'>
  }
  count: {
    sent: { taskId: string; lineNo: number; round: number; quantity: number; alone?: boolean }
    answer: Answer<'POST', '/count-tasks/:id/count'>
  }
}
export type ScanKind = keyof Scans
export type AnswerOf<Kind extends ScanKind> = Scans[Kind]['answer']

/** `label`: what the list of kept scans says about it. */
export type ScanOf<Kind extends ScanKind> = { kind: Kind; label: LocalizedPair } & Scans[Kind]['sent']
export type Scan = { [Kind in ScanKind]: ScanOf<Kind> }[ScanKind]

/** Sends a scan. `ageMs`: how long the phone has kept it, which only a count needs. */
export function sendScan(scan: Scan, key: string, ageMs: number): Promise<AnswerOf<ScanKind>> {
  if (scan.kind === 'pick') {
    const { waveId, seq, pieces } = scan
    return post('/waves/:id/pick', { seq, pieces, key }, { id: waveId })
  }
  if (scan.kind === 'putAway') {
    const { warehouseId, code, bin, pieces, as } = scan
    return post('/put-away', { key, warehouseId, code, bin, pieces, ...(as ? { as } : {}) })
  }
  const { taskId, lineNo, round, quantity, alone } = scan
  const counted = { key, lineNo, round, quantity, ageMs, ...(alone ? { alone } : {}) }
  return post('/count-tasks/:id/count', counted, { id: taskId })
}
