import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { RowRefusal } from '../../../../server/core/sheets/sheet-contract.ts'
import { errorText, postSheet } from '../../api.ts'
import type { Answer, Body, SheetPath } from '../../api-routes.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { Note } from '../base/empty.tsx'
import { shared } from '../base/words.ts'
import { Dialog } from '../overlay/overlay.tsx'
import { base64Of, mostBytes, SheetFile, SheetRefusals } from './sheet-parts.tsx'

/** Imports a sheet. Valid rows are done; invalid ones are reported with row and cell. */
export function SheetDialog<P extends SheetPath>(props: {
  title: LocalizedPair
  hint: LocalizedPair
  path: P
  template?: { name: string; heads: string }
  /** Further fields of the request. `children`: the form fields in which the user chooses them. */
  more?: Omit<Body<'POST', P>, 'file'>
  children?: ReactNode
  /** What the user has to choose first. */
  missing?: string | undefined
  /** Returns a sentence about the result, and whether all rows were imported. */
  outcome: (report: Answer<'POST', P> & { refused: RowRefusal[] }) => { whole: boolean; text: string }
  onClose: () => void
}) {
  const { hint, path, template, outcome, onClose } = props
  const say = useSay()
  const queries = useQueryClient()
  const [file, setFile] = useState<File>()
  const send = useMutation({
    mutationFn: async (chosen: File) => postSheet(path, await base64Of(chosen), props.more),
    onSuccess: () => queries.invalidateQueries(),
  })
  const why =
    props.missing ??
    (file === undefined
      ? say(['先选文件', 'Choose a file first'])
      : file.size > mostBytes
        ? say(['文件最大 5 MB', 'At most 5 MB'])
        : undefined)
  const title = say(props.title)
  const report = send.data
  return (
    <Dialog
      title={title}
      label={title}
      wide={report !== undefined && report.refused.length > 0}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(report ? shared.close : shared.cancel)}</Button>
          <Button kind="primary" why={why} busy={send.isPending} onClick={() => file && send.mutate(file)}>
            {say(['导入', 'Import'])}
          </Button>
        </>
      }
    >
      <p className="t2">{say(hint)}</p>
      {props.children}
      <SheetFile
        file={file}
        template={template}
        onChoose={(chosen) => {
          setFile(chosen)
          send.reset()
        }}
      />
      {send.error && <Note tone="bad">{errorText(send.error)}</Note>}
      {report && <Outcome {...outcome(report)} refused={report.refused} />}
    </Dialog>
  )
}

function Outcome({ whole, text, refused }: { whole: boolean; text: string; refused: RowRefusal[] }) {
  return (
    <div className="stack" role="status">
      <Note tone={whole ? 'ok' : 'warn'}>{text}</Note>
      <SheetRefusals refused={refused} />
    </div>
  )
}
