// The data and the picture. A project of your own replaces this file.

/** Points on the two arms of a spiral, and on which arm each is: 0 or 1. */
export const data = makeSpirals(400);

function makeSpirals(count) {
  const points = new Float32Array(2 * count);
  const arms = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    arms[i] = i % 2;
    const way = i / count; // from the middle outwards
    const angle = 8 * way + Math.PI * arms[i];
    const wobble = () => 0.06 * Math.sin(12.9898 * i * i); // the same in every thread and at every visit
    points[2 * i] = 0.9 * way * Math.cos(angle) + wobble();
    points[2 * i + 1] = 0.9 * way * Math.sin(angle) - wobble();
  }
  return { points, arms };
}

const side = 48;

/** Points all over the picture, row by row. */
export const everywhere = Float32Array.from({ length: 2 * side * side }, (_, i) => {
  const cell = Math.floor(i / 2);
  return (((i % 2 === 0 ? cell % side : Math.floor(cell / side)) + 0.5) / side) * 2 - 1;
});

const colors = [
  [226, 122, 44],
  [39, 110, 200],
];

/** Paints what the network says everywhere (two probabilities for each point), then the points on top. */
export function paint(canvas, guesses) {
  const context = canvas.getContext('2d');
  context.fillStyle = '#eeeae0';
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (guesses) {
    const map = new ImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      for (let c = 0; c < 3; c++) {
        map.data[4 * i + c] = 120 + 0.5 * (colors[0][c] * guesses[2 * i] + colors[1][c] * guesses[2 * i + 1]);
      }
      map.data[4 * i + 3] = 255;
    }
    const small = new OffscreenCanvas(side, side);
    small.getContext('2d').putImageData(map, 0, 0);
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
  }
  for (let i = 0; i < data.arms.length; i++) {
    const onCanvas = (at) => ((data.points[2 * i + at] + 1) / 2) * canvas.width;
    context.beginPath();
    context.arc(onCanvas(0), onCanvas(1), 5, 0, 2 * Math.PI);
    context.fillStyle = `rgb(${colors[data.arms[i]].join()})`;
    context.strokeStyle = '#fff';
    context.fill();
    context.stroke();
  }
}
