import type { LocalizedPair } from '../../words.ts'
import type { GoodsAgreement } from './agreement-effect.ts'

type Sentences = Record<'title' | 'act' | 'effect', LocalizedPair>

/** The words of agreeing to one refund that pays no money now: by its kind the goods come back, others are sent, or both. */
export const goodsWords: Readonly<Record<GoodsAgreement, Sentences & { done: LocalizedPair }>> = {
  return: {
    title: ['同意寄回，货款 ¥{amount}', 'Agree that goods of ¥{amount} come back'],
    act: ['同意买家寄回', 'Agree: the goods may come back'],
    effect: [
      '现在只同意买家把货寄回，还不退钱。货到之后再退，不能撤回。',
      'For now the goods may come back, and no money is paid. It is paid once they are here; this cannot be called back.',
    ],
    done: ['已交给{platform}：同意寄回', '{platform}: the goods may come back'],
  },
  exchange: {
    title: ['同意换货，货款 ¥{amount}', 'Agree to exchange goods of ¥{amount}'],
    act: ['同意换货', 'Agree to the exchange'],
    effect: [
      '同意买家把货寄回，换别的货，不退钱，不能撤回。',
      'The goods may come back, and others are sent for them. No money is paid; this cannot be called back.',
    ],
    done: ['已交给{platform}：同意换货', '{platform}: the exchange is agreed to'],
  },
  repair: {
    title: ['同意维修，货款 ¥{amount}', 'Agree to repair goods of ¥{amount}'],
    act: ['同意维修', 'Agree to the repair'],
    effect: [
      '同意买家把货寄回维修，不退钱，不能撤回。',
      'The goods may come back to be repaired. No money is paid; this cannot be called back.',
    ],
    done: ['已交给{platform}：同意维修', '{platform}: the repair is agreed to'],
  },
  reship: {
    title: ['同意补寄，货款 ¥{amount}', 'Agree to send goods of ¥{amount} again'],
    act: ['同意补寄', 'Agree to send again'],
    effect: [
      '同意给买家补寄，货不用寄回，也不退钱，不能撤回。',
      'Goods are sent to the buyer again. None come back and no money is paid; this cannot be called back.',
    ],
    done: ['已交给{platform}：同意补寄', '{platform}: sending again is agreed to'],
  },
}

/** The words of agreeing to several refunds of one kind, none of which is paid now. */
export const severalGoodsWords: Readonly<
  Record<GoodsAgreement | 'mixed', Record<'title' | 'act', LocalizedPair>>
> = {
  return: {
    title: ['同意 {n} 笔寄回，现在不退钱', 'Agree that the goods of {n} come back'],
    act: goodsWords.return.act,
  },
  exchange: {
    title: ['同意 {n} 笔换货，不退钱', 'Agree to {n} {n|exchange|exchanges}'],
    act: goodsWords.exchange.act,
  },
  repair: {
    title: ['同意 {n} 笔维修，不退钱', 'Agree to {n} {n|repair|repairs}'],
    act: goodsWords.repair.act,
  },
  reship: {
    title: ['同意 {n} 笔补寄，不退钱', 'Agree to send the goods of {n} again'],
    act: goodsWords.reship.act,
  },
  mixed: {
    title: ['同意 {n} 笔，现在不退钱', 'Agree to {n}: no money now'],
    act: ['同意，现在不退钱', 'Agree: no money is paid now'],
  },
}

/** The effect on each kind among several refunds. */
export const goodsEffects: Readonly<Record<GoodsAgreement, LocalizedPair>> = {
  return: [
    '{n} 笔现在只同意买家把货寄回，货到之后再退钱。',
    'For {n} the goods may come back now, and money is paid once they are here.',
  ],
  exchange: [
    '{n} 笔同意买家把货寄回，换别的货，不退钱。',
    'For {n} the goods may come back, and others are sent; no money is paid.',
  ],
  repair: [
    '{n} 笔同意买家把货寄回维修，不退钱。',
    'For {n} the goods may come back to be repaired; no money is paid.',
  ],
  reship: [
    '{n} 笔同意补寄，货不用寄回，也不退钱。',
    'For {n} goods are sent again; none come back, and no money is paid.',
  ],
}
