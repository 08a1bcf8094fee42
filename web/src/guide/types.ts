/** The elements of a guide. The build makes no others, so nothing of a guide can be a script, a style or a foreign frame. */
export type GuideTag =
  | 'p'
  | 'ul'
  | 'ol'
  | 'li'
  | 'strong'
  | 'em'
  | 'code'
  | 'pre'
  | 'kbd'
  | 'blockquote'
  | 'hr'
  | 'br'
  | 'table'
  | 'thead'
  | 'tbody'
  | 'tr'
  | 'th'
  | 'td'
  /** A link to a section of a guide (`to`), to another site (`to` with https), or a file of the project, of which only the path is shown. */
  | 'a'
  | 'file'
  /** `to` is the name of the picture. */
  | 'img'

export type GuideNode = string | { tag: GuideTag; to?: string; text?: string; children?: GuideNode[] }

/** `level` 1 is the part before the first heading. */
export type GuideSection = { id: string; title: string; level: 1 | 2 | 3; body: GuideNode[] }

export type GuidePage = { title: string; sections: GuideSection[] }

/** What the search reads: the plain text of each section. */
export type GuideEntry = { page: string; id: string; title: string; text: string }
