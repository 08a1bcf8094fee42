import Value from 'typebox/value'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { idAt, isFields, listAt, textAt, wholeAt } from '../fields.ts'
import type { PostedDocument, PostedFault, PostedKind } from '../posted.ts'
import { instantIn } from './fields.ts'
import { refund, trade } from './schema.ts'

export const schemas = { trade, refund }

/** Judges a posted document: its schema first, then what no schema says. Never throws. */
export function read(kind: PostedKind, document: unknown): PostedDocument | PostedFault {
  const posted = isFields(document) ? document : {}
  const number = idAt(posted, kind === 'trade' ? 'tid' : 'refundId')
  const wrong =
    shapeFault(kind, document) ?? (kind === 'trade' ? (moneyFault(posted) ?? linesFault(posted)) : undefined)
  if (wrong) return { number, ...wrong }
  const versionAt = instantIn(posted, 'modifiedAt')
  if (!versionAt) return { number, ...fault('invalid', 'modifiedAt', ['不是时间', 'is no time']) }
  return { number, tid: idAt(posted, 'tid'), versionAt }
}

type Wrong = Omit<PostedFault, 'number'>

function fault(code: string, field: string, [zh, en]: readonly [string, string]): Wrong {
  const message: LocalizedText = { zh: `${field} ${zh}`.trim(), en: `${field} ${en}`.trim() }
  return { code, field, message }
}

function shapeFault(kind: PostedKind, document: unknown): Wrong | undefined {
  const [first] = Value.Errors(schemas[kind], document)
  if (!first) return undefined
  const at = first.instancePath.split('/').slice(1)
  const inside = (name: string | undefined) => [...at, ...(name === undefined ? [] : [name])].join('.')
  const { params } = first
  if ('requiredProperties' in params)
    return fault('missing', inside(params.requiredProperties[0]), ['没有填', 'is missing'])
  // The schema of a field that is not listed is "false".
  if (first.keyword === 'boolean')
    return fault('unknown_field', inside(undefined), ['不认识', 'is not known'])
  return fault('invalid', inside(undefined), ['格式不对', first.message])
}

/** Lines and freight are the payment, to the 分: all figures are made of them. */
function moneyFault(posted: Readonly<Record<string, unknown>>): Wrong | undefined {
  const fen = (of: Readonly<Record<string, unknown>>, key: string) =>
    wholeAt(of, key, 0, Number.MAX_SAFE_INTEGER) ?? 0
  const lines = listAt(posted, 'lines', '').filter(isFields)
  const sum = lines.reduce((total, line) => total + fen(line, 'paymentFen'), fen(posted, 'postFeeFen'))
  if (sum === fen(posted, 'paymentFen')) return undefined
  return fault('amounts_differ', 'paymentFen', [
    `应等于各行 paymentFen 加 postFeeFen，共 ${sum}`,
    `must be the paymentFen of the lines and postFeeFen together, which is ${sum}`,
  ])
}

function linesFault(posted: Readonly<Record<string, unknown>>): Wrong | undefined {
  const lines = listAt(posted, 'lines', '').filter(isFields)
  const oids = lines.map((line) => idAt(line, 'oid'))
  const twice = oids.findIndex((oid, at) => oids.indexOf(oid) !== at)
  if (twice >= 0) return fault('line_twice', `lines.${twice}.oid`, ['重复', 'is there twice'])
  const isOpen = textAt(posted, 'status', 32) === 'partly_shipped'
  const unsaid = isOpen ? lines.findIndex((line) => textAt(line, 'status', 32) === '') : -1
  if (unsaid >= 0)
    return fault('missing', `lines.${unsaid}.status`, [
      '没有填：部分发货时每行都要',
      'is missing: each line needs one while the trade is partly shipped',
    ])
  const isPaid = !['unpaid', 'closed_unpaid'].includes(textAt(posted, 'status', 32))
  if (isPaid && textAt(posted, 'type', 32) !== 'cod' && !instantIn(posted, 'paidAt'))
    return fault('missing', 'paidAt', ['没有填：已付款的交易要', 'is missing: a paid trade needs it'])
  return undefined
}
