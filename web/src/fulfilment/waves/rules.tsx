import { useMutation, useQueryClient } from '@tanstack/react-query'
import { waveGoodsWords, waveSortingWords } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { put } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { count } from '../../ui/base/figures.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { clock } from '../../ui/base/time.ts'
import { toastError } from '../../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { WaveRule } from './types.ts'

export const withoutCounts = ({ id: _, waiting: __, ...rule }: WaveRule) => rule

/** Saves the rules of a warehouse. */
export function useSaveRules(warehouseId: string, onDone: () => void = () => {}) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (rules: ReturnType<typeof withoutCounts>[]) => put('/wave-rules', { warehouseId, rules }),
    onSuccess: () => {
      onDone()
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
}

function conditionOf(rule: WaveRule, say: Say, name: (code: string) => string): string {
  const { piecesFrom, piecesTo, hoursLeft, couriers, provinces } = rule
  const pieces =
    piecesTo === null
      ? piecesFrom > 1
        ? say(['{n} 件起', '{n} pieces or more'], { n: piecesFrom })
        : ''
      : piecesFrom === piecesTo
        ? say(['{n} 件', '{n} {n|piece|pieces}'], { n: piecesFrom })
        : say(['{from}–{to} 件', '{from}–{to} pieces'], { from: piecesFrom, to: piecesTo })
  return [
    say(waveGoodsWords[rule.goods]),
    pieces,
    hoursLeft === null ? '' : say(['剩余 < {n} 小时', 'less than {n} h left'], { n: hoursLeft }),
    couriers.map(name).join(say(['、', ', '])),
    provinces.join(say(['、', ', '])),
    rule.byCourier ? say(['按快递分', 'separate couriers']) : '',
    rule.byProvince ? say(['按省分', 'separate provinces']) : '',
  ]
    .filter(Boolean)
    .join(say(['，', ', ']))
}

/** Returns when waves of the rule are made by themselves; if a person makes them, how many parcels a wave needs. */
function whenOf({ autoTimes, autoOrders, ordersFrom }: WaveRule, say: Say): string {
  const now = clock(Date.now())
  const times = autoTimes.toSorted()
  const next = times.find((time) => time > now) ?? times[0]
  const auto = [
    next === undefined ? '' : say(['下次 {at}', 'next {at}'], { at: next }),
    autoOrders === null ? '' : say(['够 {n} 单就建', 'when {n} wait'], { n: autoOrders }),
  ].filter(Boolean)
  if (auto.length > 0) return auto.join(say(['，', ', ']))
  return ordersFrom > 1 ? say(['满 {n} 单可建', '{n} or more'], { n: ordersFrom }) : ''
}

/** The rules, top-down, each with how many parcels wait for it. */
export function Rules(props: {
  warehouseId: string
  rules: readonly WaveRule[]
  unmatched: number
  onEdit: () => void
}) {
  const { warehouseId, rules, unmatched } = props
  const say = useSay()
  const name = useCourierName()
  const why = useAllowed()('inventory.write')
  const save = useSaveRules(warehouseId)
  const turn = (rule: WaveRule) =>
    save.mutate(rules.map((one) => withoutCounts(one === rule ? { ...one, enabled: !one.enabled } : one)))
  return (
    <section className="wave-rules" aria-label={say(['建波规则', 'Rules'])}>
      <header>
        <h3>{say(['建波规则', 'Rules'])}</h3>
        <span className="t2">
          {say(['从上往下配，一单只进一个波次', 'Tried from the top; a parcel joins one wave only'])}
        </span>
        <span className="push">
          <Button kind="quiet" size="small" action="rules" why={why} onClick={props.onEdit}>
            {say(['改规则…', 'Change the rules…'])}
          </Button>
        </span>
      </header>
      {rules.map((rule) => (
        <div key={rule.id} className={rule.enabled ? 'wave-rule' : 'wave-rule off'}>
          <input
            type="checkbox"
            checked={rule.enabled}
            disabled={why !== undefined}
            aria-label={rule.name}
            onChange={() => turn(rule)}
          />
          <b className="cut">{rule.name}</b>
          <span className="t2">{conditionOf(rule, say, name)}</span>
          <span className="t2">
            {say(waveSortingWords[rule.sorting])}
            {say(['，最多 {n} 单', ', at most {n}'], { n: rule.ordersTo })}
          </span>
          <span className="num right">{say(['{n} 单在等', '{n} waiting'], { n: count(rule.waiting) })}</span>
          <span className="t3 right" title={rule.autoTimes.join(' ')}>
            {rule.enabled ? whenOf(rule, say) : say(['未开启', 'Off'])}
          </span>
        </div>
      ))}
      {rules.length === 0 && (
        <p className="t2 wave-none">
          {say([
            '还没有规则。点「改规则」，可从常用的三条开始。',
            'No rules yet: begin with the usual three under “Change the rules”.',
          ])}
        </p>
      )}
      {unmatched > 0 && rules.length > 0 && (
        <p className="ink-warn small wave-none">
          {say(['{n} 单没有规则收', '{n} parcels match no rule'], { n: count(unmatched) })}
        </p>
      )}
    </section>
  )
}
