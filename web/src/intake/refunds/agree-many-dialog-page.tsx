import type { FormProps } from '../../ui/act/actions.ts'
import { asksForCode } from '../../ui/base/platform-error.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { DeskRow } from '../types.ts'
import { AgreementFields, useAgreement, useEffectOf } from './agreement.tsx'

/** Returns the version and amount of each refund as the user saw them. The server refuses an answer if they have changed. */
export const seenOf = (rows: readonly DeskRow[]) =>
  rows.map(({ id, version, amountFen }) => ({ id, version, amountFen }))

type Sentences = Record<'title' | 'act' | 'effect', LocalizedPair>

const paying: Sentences = {
  title: ['同意 {n} 笔退款，现在退 ¥{amount}', 'Agree to {n} {n|refund|refunds}: ¥{amount} now'],
  act: ['同意，退 ¥{amount} 给买家', 'Agree: ¥{amount} go to the buyers'],
  effect: [
    '钱会从店铺账户退给买家，不能撤回。看过之后变了的不会退；平台不接受的会在那一行写明。',
    'The money goes from the shops to the buyers and cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
  ],
}
const returning: Sentences = {
  title: ['同意 {n} 笔寄回，现在不退钱', 'Agree that the goods of {n} come back'],
  act: ['同意买家寄回', 'Agree: the goods may come back'],
  effect: [
    '现在只同意买家把货寄回，货到之后再退钱，不能撤回。看过之后变了的不会同意；平台不接受的会在那一行写明。',
    'For now the goods may come back, and money is paid once they are here; this cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
  ],
}

const ofGoods: LocalizedPair = [
  '其中 {n} 笔现在只同意买家把货寄回，货到之后再退钱。',
  'For {n} of them the goods may come back now, and money is paid once they are here.',
]
const notNow: LocalizedPair = [
  '另外选的 {n} 笔现在同意不了（要先在平台同意退货，或平台不让、退款已结束），不会退，逐笔写明原因。',
  'The {n} others cannot be agreed to now: their return comes first, the platform does not allow it, or the refund has ended. They are not paid, and each says why.',
]

/** 同意退款 for several refunds. The user types the sum again that is paid now, because agreeing pays money. */
export default function AgreeManyDialog(props: FormProps<'/aftersale/agree', DeskRow>) {
  const say = useSay()
  const { rows } = props
  const { money = [], goods = [], none = [] } = Object.groupBy(rows, useEffectOf())
  const { same, input, fields } = useAgreement(money.reduce((sum, { amountFen }) => sum + amountFen, 0))
  const words = { n: rows.length - none.length, amount: fields.amount }
  // Where only returns of goods are agreed to there is no sum to type.
  const pays = money.length > 0
  const wrongSum = pays && !same ? say(['金额要和合计一样', 'The amount must be the sum']) : undefined
  return (
    <FormDialog
      title={say(pays ? paying.title : returning.title, words)}
      act={say(pays ? paying.act : returning.act, words)}
      danger
      sure
      why={words.n > 0 ? wrongSum : say(['选的现在都同意不了', 'None of them can be agreed to now'])}
      onSubmit={() => props.onSubmit({ seen: seenOf(rows), ...input })}
      onClose={props.onClose}
    >
      {words.n > 0 && <p>{say(pays ? paying.effect : returning.effect)}</p>}
      {pays && <Sentence n={goods.length} words={ofGoods} />}
      <Sentence n={none.length} words={notNow} />
      {pays && (
        <AgreementFields
          fields={fields}
          label={say(['再输入一次现在退的金额', 'Type the sum again that is paid now'])}
          shopIds={rows.map(({ shopId }) => shopId)}
          codeSent={rows.some(({ error }) => asksForCode(error))}
        />
      )}
    </FormDialog>
  )
}

function Sentence({ n, words }: { n: number; words: LocalizedPair }) {
  const say = useSay()
  return n > 0 && <p>{say(words, { n })}</p>
}
