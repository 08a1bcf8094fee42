import { useState } from 'react'
import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import {
  giftBases,
  giftBaseWords,
  giftMatches,
  giftMatchWords,
  giftOuts,
  giftOutWords,
  giftTimes,
  giftTimeWords,
} from '../../../../server/orders/gifts/lifecycle.ts'
import { SkuPicker } from '../../catalog/sku-picker.tsx'
import { Button } from '../../ui/base/button.tsx'
import { Check, Choice, TextField } from '../../ui/form/form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { GiftRuleRow } from '../types.ts'
import { Between, ListField, Shops } from './choice-form.tsx'
import { RuleHead } from './rule-form.tsx'

type Props = { rule: GiftRuleRow; onChange: (rule: GiftRuleRow) => void }

export function GiftForm(props: Props & { taken: number }) {
  const say = useSay()
  const { rule, onChange } = props
  return (
    <>
      <RuleHead rule={rule} onChange={onChange} />
      <Options
        label={['日期看', 'Dates mean']}
        value={rule.time}
        values={giftTimes}
        words={giftTimeWords}
        onChange={(time) => onChange({ ...rule, time })}
      />
      <Gifts rule={rule} onChange={onChange} />
      <h3>{say(['什么订单', 'Which orders'])}</h3>
      <Shops rule={rule} onChange={onChange} />
      <Goods rule={rule} onChange={onChange} />
      <div className="choice-grid">
        <Between
          label={['商品实付 ¥', 'Goods ¥']}
          unit={100}
          from={rule.minFen}
          below={rule.maxFen}
          onChange={(minFen, maxFen) => onChange({ ...rule, minFen, maxFen })}
        />
        <Between
          label={['件数', 'Pieces']}
          unit={1}
          from={rule.minQuantity}
          below={rule.maxQuantity}
          onChange={(minQuantity, maxQuantity) => onChange({ ...rule, minQuantity, maxQuantity })}
        />
      </div>
      <h3>{say(['送几份', 'How often'])}</h3>
      <Often {...props} />
    </>
  )
}

function Gifts({ rule, onChange }: Props) {
  const say = useSay()
  const { gifts } = rule
  const set = (at: number, more: Partial<GiftRuleRow['gifts'][number]>) =>
    onChange({ ...rule, gifts: gifts.map((gift, index) => (index === at ? { ...gift, ...more } : gift)) })
  return (
    <div className="choice-act">
      <h3>{say(['送什么', 'Gives'])}</h3>
      {gifts.map((gift, at) => (
        // With the number of gifts in its key, each field is drawn anew from what is left once one is taken out.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={`${gifts.length} ${at}`} className="gift-row">
          <SkuPicker
            label={say(['赠品', 'Gift'])}
            value={gift.code}
            onPick={(sku) => set(at, { code: sku?.code ?? '' })}
          />
          <Whole
            label={['件', 'Pieces']}
            value={gift.quantity}
            onChange={(quantity) => set(at, { quantity: quantity ?? 1 })}
          />
          {rule.whenOut === 'instead' && (
            <SkuPicker
              label={say(['替代品', 'Substitute'])}
              value={gift.instead}
              onPick={(sku) => set(at, { instead: sku?.code ?? '' })}
            />
          )}
          {gifts.length > 1 && (
            <Button
              kind="quiet"
              size="small"
              aria-label={say(['去掉', 'Take out'])}
              onClick={() => onChange({ ...rule, gifts: gifts.filter((_, index) => index !== at) })}
            >
              ×
            </Button>
          )}
        </div>
      ))}
      <div>
        <Button
          size="small"
          onClick={() => onChange({ ...rule, gifts: [...gifts, { code: '', quantity: 1, instead: '' }] })}
        >
          {say(['再加一样', 'One more'])}
        </Button>
      </div>
      <Options
        label={['缺货时', 'When it is out of stock']}
        value={rule.whenOut}
        values={giftOuts}
        words={giftOutWords}
        onChange={(whenOut) => onChange({ ...rule, whenOut })}
      />
    </div>
  )
}

function Goods({ rule, onChange }: Props) {
  return (
    <div className="choice-grid">
      <ListField
        skus
        label={['买了 SKU 编码', 'SKU codes bought']}
        value={rule.skus}
        onChange={(skus) => onChange({ ...rule, skus })}
      />
      <ListField
        label={['或平台商品 ID', 'Or ids of items']}
        value={rule.listings}
        onChange={(listings) => onChange({ ...rule, listings })}
      />
      <Options
        label={['要求', 'Asks for']}
        value={rule.match}
        values={giftMatches}
        words={giftMatchWords}
        onChange={(match) => onChange({ ...rule, match })}
      />
      <Options
        label={['金额、件数算', 'Amount and pieces of']}
        value={rule.base}
        values={giftBases}
        words={giftBaseWords}
        onChange={(base) => onChange({ ...rule, base })}
      />
    </div>
  )
}

function Often({ rule, taken, onChange }: Props & { taken: number }) {
  const say = useSay()
  return (
    <>
      <div className="choice-grid">
        <Whole
          label={['每满 ¥ 送一份', 'One for each full ¥']}
          value={rule.perFen === null ? null : rule.perFen / 100}
          onChange={(yuan) => onChange({ ...rule, perFen: yuan === null ? null : yuan * 100 })}
        />
        <Whole
          label={['每满几件送一份', 'One for each so many pieces']}
          value={rule.perQuantity}
          onChange={(perQuantity) => onChange({ ...rule, perQuantity })}
        />
        <Whole
          label={['一单最多几份', 'At most, for one order']}
          value={rule.maxTimes}
          onChange={(maxTimes) => onChange({ ...rule, maxTimes })}
        />
        <Whole
          label={['每位买家几单', 'Orders of one buyer']}
          value={rule.perBuyer}
          onChange={(perBuyer) => onChange({ ...rule, perBuyer })}
        />
        <Whole
          label={['只送前几名', 'The first so many only']}
          hint={
            rule.firstOrders === null
              ? undefined
              : say(['已占 {n} 名，退掉不补', '{n} taken; none comes back'], { n: taken })
          }
          value={rule.firstOrders}
          onChange={(firstOrders) => onChange({ ...rule, firstOrders })}
        />
      </div>
      <Check
        label={say(['互斥：别的规则送了就不送，送了别的就不送', 'Don’t combine with other gifts'])}
        checked={rule.exclusive}
        onChange={(exclusive) => onChange({ ...rule, exclusive })}
      />
    </>
  )
}

function Options<Value extends string>(props: {
  label: LocalizedPair
  value: Value
  values: readonly Value[]
  words: Record<Value, LocalizedText>
  onChange: (value: Value) => void
}) {
  const say = useSay()
  const { values, words, onChange } = props
  return (
    <Choice
      label={say(props.label)}
      value={props.value}
      onChange={(to) => {
        const next = values.find((value) => value === to)
        if (next) onChange(next)
      }}
      options={values.map((value) => ({ value, label: say(words[value]) }))}
    />
  )
}

/** A whole number of at least 1, or empty. */
function Whole(props: {
  label: LocalizedPair
  hint?: string | undefined
  value: number | null
  onChange: (value: number | null) => void
}) {
  const say = useSay()
  const [typed, setTyped] = useState(props.value === null ? '' : String(props.value))
  const wrong = !/^\s*([1-9]\d{0,6})?\s*$/.test(typed)
  return (
    <TextField
      label={say(props.label)}
      hint={props.hint}
      value={typed}
      placeholder={say(['不限', 'No limit'])}
      inputMode="numeric"
      wrong={wrong ? say(['从 1 起的整数', 'A whole number from 1 on']) : undefined}
      onChange={(text) => {
        setTyped(text)
        if (/^\s*([1-9]\d{0,6})?\s*$/.test(text)) props.onChange(text.trim() === '' ? null : Number(text))
      }}
    />
  )
}
