import { createHash } from 'node:crypto'
import { lineFault, spoil, strike } from '../faults.ts'
import { decodeForm, type Outcome, type Received } from '../http.ts'
import { type Body, fail, number, text } from '../json-body.ts'
import { readJson } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { quote } from '../wire.ts'
import { LABEL_MODES } from '../world/labels.ts'
import { nowSeconds } from '../world/world.ts'
import { interceptOrder } from './intercepts.ts'
import { cancel, type Enterprise, type LabelAnswer, type LabelCall, order, wrongParam } from './labels.ts'

const METHODS: Readonly<Record<string, (call: LabelCall) => LabelAnswer>> = { order, cancel, interceptOrder }

/** Answers one call of /label/order: a form, signed over its texts. The enterprise counts as a shop for faults and counters. */
export function labelGateway(sandbox: Sandbox, { params, body }: Received): Outcome {
  decodeForm(body.toString('utf8'), params)
  const method = params.get('method') ?? ''
  const name = `label.${method}`
  countCall(sandbox, 'kuaidi100', name, sandbox.world.clock.now())
  const fault = strike(sandbox.board, 'kuaidi100', name)
  if (fault !== undefined) {
    count(sandbox.errors, `kuaidi100 ${name} fault:${fault.kind}`)
    if (fault.kind === 'isp') return written({ code: 500, message: '服务器错误' })
    const line = lineFault(fault)
    if (line !== undefined) return line
  }
  const answered = answerOf(sandbox, params, METHODS[method])
  if (answered.data === undefined && answered.code !== 200)
    count(sandbox.errors, `kuaidi100 ${name} ${answered.code}`)
  return spoil(fault, bodyOf(answered), TYPE)
}

function answerOf(
  sandbox: Sandbox,
  params: ReadonlyMap<string, string>,
  method: ((call: LabelCall) => LabelAnswer) | undefined,
): LabelAnswer {
  for (const name of ['method', 'key', 'sign', 't', 'param'])
    if ((params.get(name) ?? '') === '') return wrongParam(`${name}不能为空`)
  if (method === undefined) return wrongParam('method')
  const [t = '', text_ = ''] = [params.get('t'), params.get('param')]
  if (!/^\d{13}$/.test(t)) return wrongParam('t')
  const enterprise = sandbox.kuaidi100.enterprises.get(params.get('key') ?? '')
  if (enterprise === undefined) return { code: 600, message: '您不是合法的用户（即授权key出错）' }
  if (labelSign(text_, t, enterprise) !== params.get('sign')) return { code: 503, message: '验证签名失败' }
  if (enterprise.ended) return { code: 601, message: 'KEY已过期' }
  const param = readJson(text_)
  if (param === undefined) return wrongParam('param')
  return method({ sandbox, enterprise, param, now: nowSeconds(sandbox.world) })
}

export const labelSign = (
  param: string,
  t: string,
  { key, secret }: Pick<Enterprise, 'key' | 'secret'>,
): string => createHash('md5').update(`${param}${t}${key}${secret}`, 'utf8').digest('hex').toUpperCase()

const TYPE = 'application/json;charset=UTF-8'
const bodyOf = ({ code, message, data }: LabelAnswer): string =>
  `{"success":${code === 200 || data !== undefined},"code":${code},"message":${quote(message)},"time":12,"data":${data ?? 'null'}}`
const written = (answered: LabelAnswer): Outcome => spoil(undefined, bodyOf(answered), TYPE)

/** POST /control/kuaidi100 changes how the service behaves: `mode`, labels `left` of an enterprise, whether its key has `ended`. */
export function changeKuaidi100({ kuaidi100 }: Sandbox, body: Body): void {
  const mode = text(body, 'mode')
  if (mode !== undefined)
    kuaidi100.mode = LABEL_MODES.find((known) => known === mode) ?? fail(`no mode ${mode}`)
  for (const enterprise of kuaidi100.enterprises.values()) {
    const left = number(body, 'left')
    if (left !== undefined) enterprise.left = left < 0 ? null : left
    if (typeof body['ended'] === 'boolean') enterprise.ended = body['ended']
  }
}
