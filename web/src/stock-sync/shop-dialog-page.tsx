import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { StockSyncRule } from '../../../server/stock-sync/lifecycle.ts'
import { errorText, get, post, put } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed, useShops } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { Check, Choice } from '../ui/form/form.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { draftOf, RuleForm, readDraft, wrongDraft } from './rule-form.tsx'
import type { UploadShop } from './types.ts'

/** 店铺规则: whether a shop's stock is synchronised, and by which rule. */
export default function ShopDialog({ shop, onClose }: { shop: string | undefined; onClose: () => void }) {
  const say = useSay()
  const shops = useShops()
  const [picked, setPicked] = useState(shop)
  const shopId = picked ?? shops[0]?.id ?? ''
  const stored = useQuery({
    queryKey: ['/stock-upload-shops', shopId],
    queryFn: () => get('/stock-upload-shops/:id', { id: shopId }),
    enabled: shopId !== '',
    refetchOnWindowFocus: false,
  })
  const choice = (
    <Choice
      label={say(shared.shop)}
      value={shopId}
      onChange={setPicked}
      options={shops.map(({ id, name }) => ({ value: id, label: name }))}
    />
  )
  if (stored.data)
    return (
      <Editor key={`${shopId} ${stored.data.version}`} stored={stored.data} onClose={onClose}>
        {choice}
      </Editor>
    )
  const title = say(shopWords)
  return (
    <Dialog title={title} label={title} wide onClose={onClose}>
      {choice}
      {stored.error && <LoadError error={stored.error} onRetry={() => void stored.refetch()} />}
    </Dialog>
  )
}

const shopWords = ['店铺的库存同步', 'Stock upload of a shop'] as const

function Editor(props: { stored: UploadShop; onClose: () => void; children: React.ReactNode }) {
  const say = useSay()
  const queries = useQueryClient()
  const { stored, onClose } = props
  const [enabled, setEnabled] = useState(stored.enabled)
  const [draft, setDraft] = useState(() => draftOf(stored.rule))
  const rule = readDraft(draft)
  const allowed = useAllowed()('inventory.upload')
  const done = (words: readonly [string, string]) => {
    toast('ok', say(words))
    onClose()
    return queries.invalidateQueries()
  }
  const save = useMutation({
    mutationFn: (rule: StockSyncRule) =>
      put('/stock-upload-shops/:id', { enabled, rule, version: stored.version }, { id: stored.shopId }),
    onSuccess: () => done(['已保存，整店马上重算', 'Saved; the whole shop is calculated now']),
  })
  const resync = useMutation({
    mutationFn: () => post('/stock-upload-shops/:id/resync', {}, { id: stored.shopId }),
    onSuccess: () => done(['整店重推已开始，进度在计划任务里', 'Begun; its progress is under Tasks']),
  })
  const able = stored.able ? undefined : say(['这个平台不接受库存', 'This platform takes no stock'])
  const saveWhy = allowed ?? able ?? (rule ? undefined : wrongDraft(say))
  const resyncWhy =
    allowed ?? able ?? (stored.enabled ? undefined : say(['先开启并保存', 'Switch it on and save first']))
  const title = say(shopWords)
  const error = save.error ?? resync.error
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={onClose}
      foot={
        <>
          <span style={{ marginRight: 'auto' }}>
            <Button why={resyncWhy} busy={resync.isPending} onClick={() => resync.mutate()}>
              {say(['整店重推', 'Resync the shop'])}
            </Button>
          </span>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button
            kind="primary"
            why={saveWhy}
            busy={save.isPending}
            onClick={() => rule && save.mutate(rule)}
          >
            {say(shared.save)}
          </Button>
        </>
      }
    >
      {props.children}
      <Check
        label={say(['把库存推到这家店', 'Push our stock to this shop'])}
        checked={enabled}
        onChange={setEnabled}
      />
      <p className="t3 small">
        {say(
          enabled
            ? [
                '库存一变就推；单独设了规则的商品按自己的规则。',
                'Told of each change; listings with their own rule keep it.',
              ]
            : [
                '关着时只计算给你看，什么也不推。',
                'While it is off, quantities are calculated and nothing is told.',
              ],
        )}{' '}
        <PageLink to="/tasks">{say(['进度在计划任务里', 'Progress is under Tasks'])}</PageLink>
      </p>
      <RuleForm draft={draft} onChange={setDraft} />
      {error && <Note tone="bad">{errorText(error)}</Note>}
    </Dialog>
  )
}
