package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

/// Space-time diagrams of runs: what is on them, and that they are XML.
class DiagramTest {

    private static final long MS = 1_000_000L;

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document document, String element) {
        NodeList nodes = document.getElementsByTagName(element);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    @Test
    void aBrokenPromiseIsMarkedWhereAndWhenItIsBroken() throws Exception {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NUMBERS_TWICE).withReplicas(3);
        SimulationFailure failure = SimulationRunner.of(setup).run(1, 50).failures().getFirst();
        Explanation explanation = Simulation.explain(setup, failure.seed());
        assertThat(explanation.failure()).hasMessage(failure.getMessage());
        assertThat(explanation.lines()).last().isEqualTo(failure.getMessage());
        Document document = parsed(explanation.diagram());
        assertThat(texts(document, "title")).contains(failure.getMessage());
        assertThat(texts(document, "text"))
                .contains("replica 1", "replica 2", "replica 3", "Ordered", "Forward")
                .anyMatch(text -> text.startsWith("the promise is broken here, at replica "))
                .anyMatch(text -> text.startsWith("deliver "));
        assertThat(rings(document)).isEqualTo(1);
    }

    private static int rings(Document document) {
        return document.getElementsByTagName("circle").getLength();
    }

    @Test
    void aRunInWhichNothingIsBrokenIsDrawnToo() throws Exception {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NONE).withReplicas(5);
        DiagramWindow window = new DiagramWindow(0, 2_000 * MS, 150);
        Explanation explanation = Simulation.explain(setup, 2, window);
        assertThat(explanation.failure()).isNull();
        Document document = parsed(explanation.diagram());
        assertThat(rings(document)).isZero();
        assertThat(texts(document, "text")).contains("replica 5", "client 0");
        assertThat(texts(document, "title"))
                .anyMatch(text -> text.matches("(?s)replica . → replica .*arrives at .*"));
    }

    @Test
    void partitionsOfARunAreBands() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NONE).withReplicas(3);
        DiagramWindow all = new DiagramWindow(0, Long.MAX_VALUE, DiagramWindow.MOST_EVENTS);
        Pattern client = Pattern.compile("cut off: [^<]*c[0-9]→[123]");
        String drawn = "";
        for (long seed = 1; seed <= 60 && !client.matcher(drawn).find(); seed++) {
            if (Simulation.run(setup, seed).exercised().count(Deed.PARTITIONS) > 20) {
                drawn = Simulation.explain(setup, seed, all).diagram();
            }
        }
        assertThat(drawn)
                .containsPattern("cut off: ([^<]*, )?[123][→↔][123]")
                .containsPattern(client);
    }

    @Test
    void faultsAreOnItAndWhatIsOutsideTheWindowIsNot() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NONE).withReplicas(3);
        World world = new Simulation(setup.traced(), 1).world();
        Trace trace = world.trace;
        trace.sign(0, Happening.Sign.START, () -> "start 1");
        long lost = trace.sent(0, 1);
        trace.named(lost, "Ordered", "Ordered <1> & \"2\"", "all of it");
        trace.lost(lost);
        trace.paused(1, 5 * MS);
        trace.cut(0, 2);
        trace.cut(2, 0);
        trace.sign(0, Happening.Sign.POWER_LOST, () -> "power lost");
        DiagramScene scene = DiagramScene.of(world, "fine", false, DiagramWindow.LAST);
        assertThat(scene.bands).extracting(DiagramScene.Band::text).containsExactly("cut off: 1↔3");
        assertThat(scene.messages).hasSize(1).allMatch(DiagramScene.Message::isLost);
        assertThat(scene.running)
                .filteredOn(stretch -> stretch.line() < 3)
                .extracting(DiagramScene.Stretch::line)
                .containsExactly(0);
        assertThat(scene.standing).extracting(DiagramScene.Stretch::line).containsExactly(1);
        assertThat(new Diagram(scene).svg())
                .contains("Ordered &lt;1&gt; &amp; &quot;2&quot;", "power lost", "stands still");
        DiagramScene later =
                DiagramScene.of(world, "fine", false, new DiagramWindow(MS, 2 * MS, 10));
        assertThat(later.messages).isEmpty();
        assertThat(later.spots).isEmpty();
    }

    @Test
    void whatSaysTheSameAgainIsLeftOutAndCounted() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.NONE).withReplicas(3);
        World world = new Simulation(setup.traced(), 1).world();
        for (int i = 0; i < 5; i++) {
            long number = world.trace.sent(0, 1);
            world.trace.named(number, "Progress", i < 4 ? "Progress 1" : "Progress 2", "");
            world.trace.arrived(number);
        }
        DiagramScene scene = DiagramScene.of(world, "fine", false, DiagramWindow.LAST);
        assertThat(scene.messages)
                .extracting(message -> message.label)
                .containsExactly("Progress 1", "Progress 2");
        assertThat(scene.repetitions).isEqualTo(3);
    }

    @Test
    void nothingIsKeptUnlessSomebodyWantsToSeeIt() {
        Simulation simulation = new Simulation(ToyChecks.setup(ToyFault.NONE), 1);
        simulation.run();
        assertThat(simulation.world().trace.happenings()).isEmpty();
        assertThat(simulation.world().trace.lines()).isEmpty();
    }

    @Test
    void labelsStayOffEachOther() {
        LabelPlaces places = new LabelPlaces();
        assertThat(places.claim(0, 0, 50, 10)).isTrue();
        assertThat(places.claim(49, 9, 50, 10)).isFalse();
        assertThat(places.claim(51, 0, 50, 10)).isTrue();
        assertThat(places.claim(0, 28, 50, 10)).isTrue();
        assertThat(places.claim(0, 36, 50, 10)).isFalse();
    }

    @Test
    void timeInWhichNothingHappensTakesLittleRoom() {
        DiagramScale scale =
                new DiagramScale(List.of(0L, 1_000L, 2_000L, 900 * MS, 900 * MS + 1), 10);
        assertThat(scale.y(0)).isEqualTo(10);
        assertThat(scale.y(1_000)).isBetween(15.0, 20.0);
        assertThat(scale.y(900 * MS) - scale.y(2_000)).isBetween(30.0, 40.0);
        assertThat(scale.gaps()).containsExactly(java.util.Map.entry(2_000L, 900 * MS));
        assertThat(scale.y(950 * MS)).isEqualTo(scale.bottom());
    }

    @Test
    void charactersThatXmlLacksDoNoHarm() throws Exception {
        Svg svg = new Svg().open("svg");
        svg.text("title", "a\u0000b\uFFFFc<>&\"d");
        svg.close("svg");
        Element root = parsed(svg.toString()).getDocumentElement();
        assertThat(root.getTextContent().strip()).isEqualTo("a?b?c<>&\"d");
    }

    @Test
    void windowsThatShowNothingAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DiagramWindow(2, 1, 10));
        assertThatIllegalArgumentException().isThrownBy(() -> new DiagramWindow(0, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new DiagramWindow(0, 1, 5_001));
    }

    @Test
    void failuresOfAKindBreakTheSamePromise() {
        assertThat(promise("replica 3: agreement at position 12: 1.b1#3, elsewhere 2.b1#1"))
                .isEqualTo(promise("replica 1: agreement at position 7: 2.b2#3, elsewhere 1.b9#1"))
                .isEqualTo("agreement at position #");
        assertThat(promise("dev.lockstep.core.Invariant$Broken: invariant broken: a is b: 21"))
                .isEqualTo("a is b");
        assertThat(promise("the clients' history is not linearizable at get 1\nwindow"))
                .isEqualTo("the clients' history is not linearizable");
        assertThat(promise("states are equal: 1, 2")).isEqualTo("states are equal");
        assertThat(promise("replica 2 halted: it is tired")).isEqualTo("halted");
    }

    private static String promise(String what) {
        return new SimulationFailure(1, 2, 3, "", what, null).promise();
    }
}
