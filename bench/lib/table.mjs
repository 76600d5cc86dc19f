// The results as people read them.

/** Three significant digits, thousands apart. */
export function formatNumber(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 4) });
}

const formatRatio = ({ ratio, ci95 }) =>
  ratio === null || ratio === undefined
    ? '–'
    : ci95 === null
      ? formatNumber(ratio)
      : `${formatNumber(ratio)} [${ci95.map(formatNumber).join(', ')}]`;

/** Prints one line per result, and its note below. */
export function printTable(results) {
  const head = ['row', 'value', 'budget', 'ok', 'ratio [95 %]'];
  const lines = results.map((result) => [
    result.id,
    `${formatNumber(result.value)} ${result.unit}`,
    String(result.budget),
    result.ok ? 'yes' : 'NO',
    formatRatio(result),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  const show = (line) => console.log(line.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  console.log();
  show(head);
  show(widths.map((width) => '─'.repeat(width)));
  for (const [i, line] of lines.entries()) {
    show(line);
    for (const [name, value] of Object.entries(results[i].peers)) console.log(`    ${name}: ${formatNumber(value)}`);
    if (results[i].note) console.log(`    ${results[i].note}`);
  }
}

/** The same as a table in Markdown, with the notes below it. */
export function markdownTable(results) {
  const line = (result) =>
    [
      `\`${result.id}\``,
      `${formatNumber(result.value)} ${result.unit}`,
      result.budget,
      result.ok ? 'yes' : '**no**',
      Object.entries(result.peers)
        .map(([name, value]) => `${name}: ${formatNumber(value)}`)
        .join('<br>') || '–',
      formatRatio(result),
    ].join(' | ');
  const notes = results.map((result) => `- \`${result.id}\`: ${result.note}`);
  const machines = [...new Set(results.map(({ machine }) => machine))].toSorted((a, b) => b.length - a.length);
  return [
    '| row | value | budget | kept | beside | ratio [95 %] |',
    '| --- | --- | --- | --- | --- | --- |',
    ...results.map((result) => `| ${line(result)} |`),
    '',
    `Machine: ${machines[0]}.`,
    '',
    ...notes,
    '',
  ].join('\n');
}
