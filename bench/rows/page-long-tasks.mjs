export const id = 'page-long-tasks';
export async function run() {
  return [];
}
