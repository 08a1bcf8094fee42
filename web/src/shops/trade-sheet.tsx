import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sheetFields } from '../../../server/intake/sheets/heads-contract.ts'
import { errorText, post } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { base64Of, mostBytes, SheetFile, SheetRefusals } from '../ui/form/sheet-parts.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { type Say, useSay } from '../words.ts'
import { type SheetColumns, SheetColumnsForm } from './sheet-columns.tsx'
import { SheetRows } from './sheet-rows.tsx'

const previewPath = '/shops/:id/trade-sheet/preview'
const importPath = '/shops/:id/trade-sheet/import'
type Preview = Answer<'POST', typeof previewPath>
type Report = Answer<'POST', typeof importPath>

const keys = ['tid', 'name', 'mobile', 'address', 'code', 'title', 'quantity', 'amount', 'paidAt', 'refund']
const template = {
  name: '交易表格.csv',
  heads: keys.map((key) => sheetFields.find((field) => field.key === key)?.words[0]).join(','),
}

/** 导入交易表格: a file is chosen, its columns are looked at, and the trades are staged. */
export function TradeSheet({ shopId }: { shopId: string }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('trades.import')
  const [file, setFile] = useState<File>()
  // It stays while a change of the columns is tried.
  const [seen, setSeen] = useState<Preview>()
  const look = useMutation({
    mutationFn: async ({ chosen, columns }: { chosen: File; columns?: SheetColumns }) =>
      post(previewPath, { file: await base64Of(chosen), columns }, { id: shopId }),
  })
  // An answer about an earlier choice of file or columns is ignored.
  const see = (asked: { chosen: File; columns?: SheetColumns }) => look.mutate(asked, { onSuccess: setSeen })
  const columns = (look.isPending ? look.variables.columns : undefined) ?? seen?.columns
  const send = useMutation({
    mutationFn: async (chosen: File) =>
      post(importPath, { file: await base64Of(chosen), columns: seen?.columns }, { id: shopId }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const choose = (chosen: File) => {
    setFile(chosen)
    send.reset()
    look.reset()
    setSeen(undefined)
    if (chosen.size <= mostBytes) see({ chosen })
  }
  const nothing = seen && seen.added + seen.changed + seen.refunds === 0
  return (
    <Section title={say(['导入交易表格', 'Import a sheet of trades'])}>
      <p className="t2 small">
        {say([
          '渠道给的订单表，.xlsx 或 .csv。先看预览，确认后再导入；同一张表导入两次不会重复',
          'The sheet of orders that the channel gives, .xlsx or .csv. You see what it would do first. The same sheet twice changes nothing',
        ])}
      </p>
      <SheetFile file={file} why={why} busy={look.isPending} template={template} onChoose={choose} />
      {file && file.size > mostBytes && <Note tone="bad">{say(['文件最大 5 MB', 'At most 5 MB'])}</Note>}
      {look.error && <Note tone="bad">{errorText(look.error)}</Note>}
      {seen && columns && file && !send.data && (
        <>
          <SheetColumnsForm
            seen={{ ...seen, columns }}
            onChange={(changed) => see({ chosen: file, columns: changed })}
          />
          <Note tone={seen.refused.length > 0 ? 'warn' : 'ok'}>{countsText(seen, say)}</Note>
          <SheetRefusals refused={seen.refused} />
          <SheetRows rows={seen.first} total={seen.rows} />
          {send.error && <Note tone="bad">{errorText(send.error)}</Note>}
          <div>
            <Button
              kind="primary"
              action="import"
              busy={send.isPending || look.isPending}
              why={why ?? (nothing ? say(['没有要导入的', 'Nothing to import']) : undefined)}
              onClick={() => send.mutate(file)}
            >
              {say(['导入', 'Import'])}
            </Button>
          </div>
        </>
      )}
      {send.data && <Done report={send.data} shopId={shopId} />}
    </Section>
  )
}

function countsText(report: Report, say: Say): string {
  const { rows, trades, added, changed, same, refunds, refused } = report
  const numbers = { rows, trades, added, changed, same, refunds, refused: refused.length }
  return say(
    [
      '{rows} 行，{trades} 笔交易：新 {added}，有改动 {changed}，没变 {same}；退款 {refunds}；有误 {refused} 行',
      '{rows} {rows|row|rows}, {trades} {trades|trade|trades}: {added} new, {changed} changed, {same} the same; {refunds} {refunds|refund|refunds}; {refused} {refused|row|rows} refused',
    ],
    numbers,
  )
}

function Done({ report, shopId }: { report: Report; shopId: string }) {
  const say = useSay()
  return (
    <div className="stack" role="status">
      <Note tone={report.refused.length > 0 ? 'warn' : 'ok'}>
        {say(['已导入。', 'Imported. '])}
        {countsText(report, say)}
      </Note>
      <SheetRefusals refused={report.refused} />
      <PageLink to={`/staged-trades?shop=${shopId}`}>{say(['看这些交易', 'See the trades'])}</PageLink>
    </div>
  )
}
