import { useState } from 'react'
import {
  waveGoods,
  waveGoodsWords,
  waveSortings,
  waveSortingWords,
} from '../../../../server/fulfilment/waves/lifecycle.ts'
import { plainRule } from '../../../../server/fulfilment/waves/plan-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { shared } from '../../ui/base/words.ts'
import { wordsIn } from '../../ui/base/words-in.ts'
import { Chips } from '../../ui/form/chips.tsx'
import { Check, Choice, TextField } from '../../ui/form/form.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { type Say, useSay } from '../../words.ts'
import { useCouriers } from '../query.ts'
import { useSaveRules, withoutCounts } from './rules.tsx'
import type { WaveRule } from './types.ts'

type Draft = ReturnType<typeof withoutCounts>

const plain: Draft = { ...plainRule, name: '', ordersTo: 24 }

/** The rules that most warehouses begin with. */
const usual = (say: Say): Draft[] => [
  {
    ...plain,
    ...{
      name: say(['爆款单品', 'Best sellers']),
      goods: 'same',
      ordersFrom: 20,
      ordersTo: 100,
      sorting: 'none',
    },
  },
  { ...plain, ...{ name: say(['单品混拣', 'Single items']), goods: 'single', ordersTo: 60 } },
  {
    ...plain,
    ...{
      name: say(['多品播种', 'Several items']),
      goods: 'many',
      piecesTo: 12,
      ordersTo: 24,
      sorting: 'after',
    },
  },
]

let drafts = 0
/** A rule in the dialog. Its key stays when it moves, so that its fields move with it. */
const keyed = (draft: Draft) => {
  drafts += 1
  return { key: drafts, draft }
}
/** The times of day in a text, each with two digits of the hour; other words are left out. */
const timesIn = (text: string) =>
  wordsIn(text).flatMap((word) => {
    const [, hour = '', minute = ''] = /^([01]?\d|2[0-3])[:：]([0-5]\d)$/.exec(word) ?? []
    return minute === '' ? [] : [`${hour.padStart(2, '0')}:${minute}`]
  })
const whole = (text: string) => (/^\d{1,4}$/.test(text.trim()) ? Number(text) : null)

/** 改规则: the rules of a warehouse in their order. */
export function RulesDialog(props: { warehouseId: string; rules: readonly WaveRule[]; onClose: () => void }) {
  const say = useSay()
  const [rules, setRules] = useState(() =>
    (props.rules.length > 0 ? props.rules.map(withoutCounts) : usual(say)).map(keyed),
  )
  const save = useSaveRules(props.warehouseId, props.onClose)
  const change = (at: number, more: Partial<Draft>) =>
    setRules(
      rules.map((rule, place) => (place === at ? { ...rule, draft: { ...rule.draft, ...more } } : rule)),
    )
  const move = (at: number) => {
    const [rule] = rules.slice(at, at + 1)
    if (rule) setRules(rules.toSpliced(at, 1).toSpliced(at - 1, 0, rule))
  }
  const why = rules.some(({ draft }) => draft.name.trim() === '')
    ? say(['每条规则要有名称', 'Each rule needs a name'])
    : rules.some(({ draft: { ordersFrom, ordersTo } }) => ordersFrom > ordersTo || ordersTo < 1)
      ? say(['最少不能多于最多', 'At least must not be more than at most'])
      : undefined
  const title = say(['建波规则', 'Rules for waves'])
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={props.onClose}
      foot={
        <>
          <span style={{ marginRight: 'auto' }}>
            <Button onClick={() => setRules([...rules, keyed(plain)])}>
              {say(['加一条', 'Add a rule'])}
            </Button>
          </span>
          <Button onClick={props.onClose}>{say(shared.cancel)}</Button>
          <Button
            kind="primary"
            why={why}
            busy={save.isPending}
            onClick={() => save.mutate(rules.map(({ draft }) => draft))}
          >
            {say(shared.save)}
          </Button>
        </>
      }
    >
      {rules.map(({ key, draft }, at) => (
        <fieldset key={key} className="wave-draft">
          <legend>{say(['第 {n} 条', 'Rule {n}'], { n: at + 1 })}</legend>
          <RuleFields rule={draft} onChange={(more) => change(at, more)} />
          <div className="row">
            {at > 0 && (
              <Button size="small" onClick={() => move(at)}>
                {say(['上移', 'Up'])}
              </Button>
            )}
            <Button size="small" kind="danger-quiet" onClick={() => setRules(rules.toSpliced(at, 1))}>
              {say(['删除', 'Delete'])}
            </Button>
          </div>
        </fieldset>
      ))}
    </Dialog>
  )
}

function RuleFields({ rule, onChange }: { rule: Draft; onChange: (more: Partial<Draft>) => void }) {
  const say = useSay()
  return (
    <>
      <div className="form-row">
        <TextField
          label={say(['名称', 'Name'])}
          value={rule.name}
          maxLength={40}
          onChange={(name) => onChange({ name })}
        />
        <Choice
          label={say(['商品', 'Goods'])}
          value={rule.goods}
          options={waveGoods.map((value) => ({ value, label: say(waveGoodsWords[value]) }))}
          onChange={(goods) => onChange({ goods })}
        />
        <Choice
          label={say(['分货', 'Sorting'])}
          value={rule.sorting}
          options={waveSortings.map((value) => ({ value, label: say(waveSortingWords[value]) }))}
          onChange={(sorting) => onChange({ sorting })}
        />
      </div>
      <div className="form-row">
        <TypedField
          label={say(['最少单数', 'Parcels, at least'])}
          value={String(rule.ordersFrom)}
          numeric
          onChange={(text) => onChange({ ordersFrom: whole(text) ?? 1 })}
        />
        <TypedField
          label={say(['最多单数', 'Parcels, at most'])}
          value={String(rule.ordersTo)}
          numeric
          onChange={(text) => onChange({ ordersTo: Math.min(500, whole(text) ?? 1) })}
        />
        <TypedField
          label={say(['件数从', 'Pieces from'])}
          value={String(rule.piecesFrom)}
          numeric
          onChange={(text) => onChange({ piecesFrom: whole(text) || 1 })}
        />
        <TypedField
          label={say(['件数到', 'Pieces up to'])}
          value={rule.piecesTo === null ? '' : String(rule.piecesTo)}
          numeric
          onChange={(text) => onChange({ piecesTo: whole(text) || null })}
        />
        <TypedField
          label={say(['剩余小时内', 'Due within hours'])}
          value={rule.hoursLeft === null ? '' : String(rule.hoursLeft)}
          numeric
          onChange={(text) => onChange({ hoursLeft: whole(text) || null })}
        />
      </div>
      <WhereTo rule={rule} onChange={onChange} />
      <div className="form-row">
        <TypedField
          label={say(['每天几点自动建', 'Automatically at (times)'])}
          value={rule.autoTimes.join(' ')}
          onChange={(text) => onChange({ autoTimes: timesIn(text) })}
        />
        <TypedField
          label={say(['够几单自动建', 'Automatically when this many wait'])}
          value={rule.autoOrders === null ? '' : String(rule.autoOrders)}
          numeric
          onChange={(text) => onChange({ autoOrders: whole(text) || null })}
        />
      </div>
    </>
  )
}

/** Couriers and provinces that a rule takes, and whether each of them has waves of its own. */
function WhereTo({ rule, onChange }: { rule: Draft; onChange: (more: Partial<Draft>) => void }) {
  const say = useSay()
  const couriers = useCouriers().map((courier) => ({ key: courier.code, name: say(courier) }))
  return (
    <div className="form-row">
      <div>
        <Chips
          label={say(['快递', 'Couriers'])}
          none={say(['所有快递', 'Every courier'])}
          all={couriers}
          chosen={rule.couriers}
          onChange={(chosen) => onChange({ couriers: chosen })}
        />
      </div>
      <TypedField
        label={say(['省份', 'Provinces'])}
        value={rule.provinces.join(' ')}
        onChange={(text) => onChange({ provinces: wordsIn(text) })}
      />
      <Check
        label={say(['按快递分开', 'Separate couriers'])}
        checked={rule.byCourier}
        onChange={(byCourier) => onChange({ byCourier })}
      />
      <Check
        label={say(['按省分开', 'Separate provinces'])}
        checked={rule.byProvince}
        onChange={(byProvince) => onChange({ byProvince })}
      />
    </div>
  )
}

/** Keeps the typed text until the field is left: read and written back at once, a separator or an emptied number would be lost. */
function TypedField(props: {
  label: string
  value: string
  numeric?: boolean
  onChange: (text: string) => void
}) {
  const [typed, setTyped] = useState<string>()
  return (
    <TextField
      label={props.label}
      value={typed ?? props.value}
      inputMode={props.numeric ? 'numeric' : undefined}
      onChange={(text) => {
        setTyped(text)
        props.onChange(text)
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}
