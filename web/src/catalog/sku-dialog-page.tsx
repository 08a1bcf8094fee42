import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, type Outcome } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { shared } from '../ui/base/words.ts'
import { Choice, TextArea, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { type Checking, checkingLabel, checkingOf, checkings, checkingWords } from './checking.ts'
import { addSku, skuChanger } from './save-sku.ts'
import type { SkuDetail } from './types.ts'
import './catalog.css'
import { outcomeText } from '../ui/act/batch-words.ts'

const fields = [
  { key: 'code', label: ['商家编码', 'Code'], longest: 64 },
  { key: 'name', label: ['商品名称', 'Product name'], longest: 200 },
  { key: 'spec', label: ['规格', 'Spec'], longest: 200 },
  { key: 'productCode', label: ['商品编码', 'Product code'], longest: 64 },
  { key: 'category', label: ['分类', 'Category'], longest: 60 },
  { key: 'brand', label: ['品牌', 'Brand'], longest: 60 },
  { key: 'price', label: ['售价 ¥', 'Price ¥'], longest: 13 },
  { key: 'reference', label: ['最低价 ¥', 'Lowest price ¥'], longest: 13 },
  { key: 'weight', label: ['重量 g', 'Weight g'], longest: 9 },
  { key: 'pictureUrl', label: ['图片地址', 'Picture address'], longest: 1000 },
] as const satisfies readonly { key: string; label: LocalizedPair; longest: number }[]
type Key = (typeof fields)[number]['key']
type Typed = Record<Key, string> & { barcodes: string; checking: Checking }

function typedOf(sku: SkuDetail | undefined): Typed {
  const yuan = (fen: number | null | undefined) => (fen == null ? '' : (fen / 100).toFixed(2))
  return {
    code: sku?.code ?? '',
    name: sku?.name ?? '',
    spec: sku?.spec ?? '',
    productCode: sku?.productCode ?? '',
    category: sku?.category ?? '',
    brand: sku?.brand ?? '',
    price: yuan(sku?.priceFen),
    reference: yuan(sku?.referenceFen),
    weight: sku?.weightG == null ? '' : String(sku.weightG),
    pictureUrl: sku?.pictureUrl ?? '',
    barcodes: sku?.barcodes.join('\n') ?? '',
    checking: sku ? checkingOf(sku) : 'each',
  }
}

/** Creates or changes a SKU. Name, category and brand belong to the product, so changing them changes all SKUs of the product. */
export default function SkuDialog({ sku, onClose }: { sku?: SkuDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [typed, setTyped] = useState(() => typedOf(sku))
  const [change] = useState(() => sku && skuChanger(sku))
  const [refused, setRefused] = useState<Outcome>()
  const wrong = wrongOf(typed)
  const save = useMutation({
    mutationFn: () => (change ?? addSku)(skuBody(typed), productBody(typed)),
    onSuccess: (outcome) => {
      setRefused(outcome?.done ? undefined : outcome)
      if (outcome && !outcome.done) return undefined
      toast(
        'ok',
        say(sku ? ['已保存 {code}', '{code} saved'] : ['已新增 {code}', '{code} added'], {
          code: typed.code,
        }),
      )
      onClose()
      return undefined
    },
    // Also after a refusal, since one half may be saved.
    onSettled: () => queries.invalidateQueries(),
  })
  const title = sku ? say(['编辑 {code}', 'Edit {code}'], { code: sku.code }) : say(['新增 SKU', 'Add a SKU'])
  const why =
    typed.code.trim() === '' || typed.name.trim() === ''
      ? say(['先填商家编码和名称', 'Give code and name first'])
      : Object.keys(wrong).length > 0
        ? say(['先改正标红的', 'Correct what is marked first'])
        : undefined
  return (
    <FormDialog
      title={title}
      act={say(sku ? shared.save : ['新增', 'Add'])}
      busy={save.isPending}
      why={why}
      wide
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <div className="sku-form">
        {fields.map(({ key, label, longest }) => {
          // This dialog moves no SKU to another product; an import does.
          if (key === 'productCode' && sku) return null
          const bad = wrong[key]
          return (
            <TextField
              key={key}
              label={say(label)}
              value={typed[key]}
              onChange={(value) => setTyped({ ...typed, [key]: value })}
              maxLength={longest}
              autoFocus={key === 'code' && !sku}
              wrong={bad && say(bad)}
              {...(key === 'productCode'
                ? { placeholder: say(['不填就用商家编码', "Left empty: the SKU's code"]) }
                : {})}
            />
          )
        })}
        <TextArea
          label={say(['条码，一行一个', 'Barcodes, one a line'])}
          rows={2}
          value={typed.barcodes}
          onChange={(barcodes) => setTyped({ ...typed, barcodes })}
        />
        <Choice
          label={say(checkingLabel)}
          value={typed.checking}
          options={checkings.map((value) => ({ value, label: say(checkingWords[value]) }))}
          onChange={(checking) => setTyped({ ...typed, checking })}
        />
      </div>
      <p className="t3 small">
        {say([
          '名称、分类、品牌是商品的，对它的所有规格生效。平台商品的商家编码和它相同时自动匹配。',
          "Name, category and brand are the product's and hold for all its SKUs. Listings whose outer code is the code are matched automatically.",
        ])}
      </p>
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
      {refused && !refused.done && <Note tone="bad">{outcomeText(refused, say)}</Note>}
    </FormDialog>
  )
}

function wrongOf(typed: Typed): Partial<Record<Key, LocalizedPair>> {
  const wrong: Partial<Record<Key, LocalizedPair>> = {}
  const amount = (key: Key) => {
    if (typed[key] !== '' && !/^\d{1,10}(\.\d{1,2})?$/.test(typed[key].trim()))
      wrong[key] = ['金额，最多两位小数', 'An amount, at most two places']
  }
  amount('price')
  amount('reference')
  if (typed.weight !== '' && !/^\d{1,8}$/.test(typed.weight.trim())) wrong.weight = ['整数', 'A whole number']
  if (typed.pictureUrl !== '' && !/^(https?:)?\/\//i.test(typed.pictureUrl.trim()))
    wrong.pictureUrl = ['要以 http 开头', 'It must begin with http']
  return wrong
}

const fenOf = (text: string) => (text.trim() === '' ? null : Math.round(Number(text) * 100))

function skuBody(typed: Typed) {
  return {
    code: typed.code.trim(),
    spec: typed.spec.trim(),
    priceFen: fenOf(typed.price),
    referenceFen: fenOf(typed.reference),
    weightG: typed.weight.trim() === '' ? null : Number(typed.weight),
    pictureUrl: typed.pictureUrl.trim(),
    scanOnce: typed.checking === 'once',
    needsSerial: typed.checking === 'serial',
    barcodes: [...new Set(typed.barcodes.split(/[\s,，;；]+/).filter(Boolean))],
  }
}

function productBody({ name, category, brand, productCode }: Typed) {
  const code = productCode.trim()
  return {
    ...{ name: name.trim(), category: category.trim(), brand: brand.trim() },
    ...(code === '' ? {} : { productCode: code }),
  }
}
